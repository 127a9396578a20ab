//! The traffic of all workloads, kept for the figures above lists. Two weeks of ten thousand workloads are 140,000
//! rows, which is too much to add up while somebody waits for a page.
//!
//! So it is read before anybody asks ([`keep`]), once for everybody: per workload, because not everybody sees the
//! same ones. What is asked for then is a sum over those that one sees, of numbers that are in memory. The days before
//! today do not change by themselves, so what is read again while somebody looks is today alone, and not while they
//! wait: they get what is known and set off the next reading.
//!
//! Known limitations: with more than a few workloads a look gets figures that are up to [`EVERY`] old. What retention or another server on the
//! same database has removed is seen at the next reading of everything.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use super::overview::fortnight;
use crate::{
    error::Error,
    house::House,
    model::{Millis, Minute, OrgId, Timestamp, WorkloadId},
    store::{DayCount, StoreError, Viewer, WorkloadFilter, day_of},
};

/// From this age on, a look has today read again.
const AGE: Millis = Millis::seconds(15);
/// As many workloads are read while somebody waits, because that takes no time; then they see what is now.
const FEW: usize = 200;
/// The recorder writes no more often than that.
const FRESH: Millis = Millis::seconds(2);
/// How often today is read when nobody looks, and everything.
const EVERY: Millis = Millis::minutes(1);
const EVERYTHING: Millis = Millis::minutes(10);

/// What was added up: the seven days before, and the present ones.
type Sums = [Minute; 2];

/// Counts without the latency classes that hold nothing, which are most.
#[derive(Debug, Clone, Default)]
struct Counts {
    requests: u64,
    user_errors: u64,
    server_errors: u64,
    peak: u64,
    latencies: Vec<(usize, u64)>,
}

impl Counts {
    fn add(&mut self, more: &DayCount) {
        self.requests += more.requests;
        self.user_errors += more.user_errors;
        self.server_errors += more.server_errors;
        self.peak = self.peak.max(more.peak);
        for (class, count) in &more.latencies {
            match self.latencies.iter_mut().find(|(known, _)| known == class) {
                Some((_, sum)) => *sum += count,
                None => self.latencies.push((*class, *count)),
            }
        }
    }

    fn add_to(&self, sum: &mut Minute) {
        sum.requests += self.requests;
        sum.user_errors += self.user_errors;
        sum.server_errors += self.server_errors;
        sum.peak = sum.peak.max(self.peak);
        for (class, count) in &self.latencies {
            if let Some(place) = sum.latencies.get_mut(*class) {
                *place += count;
            }
        }
    }
}

/// Of one workload: the days before the present ones, the present ones up to yesterday, and today.
type Three = [Counts; 3];

/// All that is known of an organisation.
#[derive(Debug, Clone)]
struct Sheet {
    /// The first day, the first of the present ones, and today.
    from: Timestamp,
    middle: Timestamp,
    today: Timestamp,
    /// When everything was read, and when today was.
    read_at: Timestamp,
    at: Timestamp,
    of: HashMap<WorkloadId, Three>,
    /// Over all of them.
    whole: Sums,
}

impl Sheet {
    fn empty(now: Timestamp) -> Self {
        let (before, present) = fortnight(now);
        let (from, middle) = (before.start, present.start);
        let whole = [from, middle].map(Minute::empty);
        let today = day_of(now);
        Self { from, middle, today, read_at: now, at: now, of: HashMap::new(), whole }
    }

    fn take(&mut self, days: &[DayCount]) {
        for day in days {
            let part = match day.at {
                at if at < self.middle => 0,
                at if at < self.today => 1,
                _ => 2,
            };
            self.of.entry(day.workload.clone()).or_default()[part].add(day);
        }
    }

    fn add_up(&mut self) {
        self.whole = self.sums(self.of.values());
    }

    fn sums<'a>(&self, all: impl Iterator<Item = &'a Three>) -> Sums {
        let mut sums = [self.from, self.middle].map(Minute::empty);
        for [before, present, today] in all {
            before.add_to(&mut sums[0]);
            present.add_to(&mut sums[1]);
            today.add_to(&mut sums[1]);
        }
        sums
    }
}

/// The sheet of an organisation, and the turn of whoever writes it.
#[derive(Default)]
struct Book {
    writing: tokio::sync::Mutex<()>,
    sheet: Mutex<Option<Arc<Sheet>>>,
    /// What some see of it.
    parts: Mutex<HashMap<Viewer, Part>>,
}

/// What somebody sees of a sheet.
#[derive(Clone)]
struct Part {
    sheet: Arc<Sheet>,
    /// The organisation's number ([`Store::count_number`](crate::store::Store::count_number)): it moves on with what
    /// anybody sees.
    number: i64,
    sums: Sums,
}

impl Book {
    fn open(&self) -> MutexGuard<'_, Option<Arc<Sheet>>> {
        self.sheet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sheet(&self) -> Option<Arc<Sheet>> {
        self.open().clone()
    }

    fn keep(&self, mut sheet: Sheet) -> Arc<Sheet> {
        sheet.add_up();
        let sheet = Arc::new(sheet);
        *self.open() = Some(sheet.clone());
        // They are of the one before.
        self.parts().clear();
        sheet
    }

    fn parts(&self) -> MutexGuard<'_, HashMap<Viewer, Part>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was added up for them, while it is still that.
    fn part(&self, viewer: &Viewer, sheet: &Arc<Sheet>, number: i64) -> Option<Sums> {
        let known = self.parts().get(viewer).cloned()?;
        (known.number == number && Arc::ptr_eq(&known.sheet, sheet)).then_some(known.sums)
    }
}

/// The traffic that lists show above their rows.
#[derive(Default)]
pub struct Figures {
    books: Mutex<HashMap<OrgId, Arc<Book>>>,
}

impl Figures {
    fn book(&self, org: &OrgId) -> Arc<Book> {
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        books.entry(org.clone()).or_default().clone()
    }
}

/// Reads before anybody asks, until `stop`.
pub async fn keep(house: House, stop: CancellationToken) {
    loop {
        if let Err(error) = keep_all(&house).await {
            tracing::warn!(%error, "the traffic of all workloads could not be added up now");
        }
        tokio::select! {
            () = house.clock.sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn keep_all(house: &House) -> Result<(), StoreError> {
    for org in house.store.organization_ids().await? {
        let book = house.figures.book(&org);
        let turn = book.writing.lock().await;
        let now = house.now();
        match book.sheet() {
            Some(sheet) if sheet.today == day_of(now) && now.since(sheet.read_at) < EVERYTHING => {
                read_today(house, &org, &book, &sheet).await?;
            }
            _ => {
                read_all(house, &org, &book).await?;
            }
        }
        drop(turn);
    }
    Ok(())
}

/// The traffic of everything that `viewer` sees, in the seven days before and in the present ones.
pub(super) async fn traffic(
    house: &House,
    org: &OrgId,
    viewer: Option<Viewer>,
) -> Result<Sums, Error> {
    let book = house.figures.book(org);
    let sheet = match book.sheet() {
        Some(sheet) => sheet,
        // Only right after a start, and then everybody waits for the same reading.
        None => {
            let _turn = book.writing.lock().await;
            match book.sheet() {
                Some(sheet) => sheet,
                None => read_all(house, org, &book).await?,
            }
        }
    };
    let age = house.now().since(sheet.at);
    let sheet = if age >= FRESH && sheet.of.len() <= FEW {
        let _turn = book.writing.lock().await;
        read_today(house, org, &book, &sheet).await?
    } else {
        if age >= AGE {
            refresh(house.clone(), org.clone(), book.clone());
        }
        sheet
    };
    let Some(viewer) = viewer else { return Ok(sheet.whole.clone()) };
    let number = house.store.count_number(org).await?;
    if let Some(sums) = book.part(&viewer, &sheet, number) {
        return Ok(sums);
    }
    let filter = WorkloadFilter { viewer: Some(viewer.clone()), ..WorkloadFilter::default() };
    let seen: HashSet<WorkloadId> =
        house.store.workload_ids(org, &filter).await?.into_iter().collect();
    let rows = sheet.of.iter().filter(|(id, _)| seen.contains(*id)).map(|(_, three)| three);
    let sums = sheet.sums(rows);
    let part = Part { sheet, number, sums: sums.clone() };
    book.parts().insert(viewer, part);
    Ok(sums)
}

/// Has today read again by whoever is first.
fn refresh(house: House, org: OrgId, book: Arc<Book>) {
    tokio::spawn(async move {
        let Ok(_turn) = book.writing.try_lock() else { return };
        let Some(sheet) = book.sheet() else { return };
        if let Err(why) = read_today(&house, &org, &book, &sheet).await {
            tracing::warn!(error = &why as &dyn std::error::Error, "traffic was not added up");
        }
    });
}

/// What a workload counted has been changed by somebody: it is read again before the page that comes next.
pub(super) async fn again(house: &House, org: &OrgId, workload: &WorkloadId) -> Result<(), Error> {
    let book = house.figures.book(org);
    let _turn = book.writing.lock().await;
    let Some(sheet) = book.sheet() else { return Ok(()) };
    let mut sheet = Sheet::clone(&sheet);
    sheet.of.remove(workload);
    sheet.take(&house.store.days(org, Some(workload), sheet.from).await?);
    book.keep(sheet);
    Ok(())
}

async fn read_all(house: &House, org: &OrgId, book: &Book) -> Result<Arc<Sheet>, StoreError> {
    // The time before reading, so that what comes meanwhile makes it older, not newer, than it is.
    let mut sheet = Sheet::empty(house.now());
    sheet.take(&house.store.days(org, None, sheet.from).await?);
    Ok(book.keep(sheet))
}

async fn read_today(
    house: &House,
    org: &OrgId,
    book: &Book,
    before: &Sheet,
) -> Result<Arc<Sheet>, StoreError> {
    let now = house.now();
    // Over midnight the days are others.
    if day_of(now) != before.today {
        return read_all(house, org, book).await;
    }
    let days = house.store.days(org, None, before.today).await?;
    let mut sheet = Sheet { at: now, ..before.clone() };
    for [.., today] in sheet.of.values_mut() {
        *today = Counts::default();
    }
    // Those that have been deleted are not seen any more.
    let there: HashSet<WorkloadId> =
        house.store.workload_ids(org, &WorkloadFilter::default()).await?.into_iter().collect();
    sheet.of.retain(|id, _| there.contains(id));
    sheet.take(&days);
    Ok(book.keep(sheet))
}

#[cfg(test)]
mod tests {
    use super::{DayCount, Sheet};
    use crate::model::{Millis, Timestamp, WorkloadId};

    #[test]
    fn each_day_counts_where_it_belongs_and_only_for_those_that_are_seen() {
        let now = Timestamp::from_micros(0) + Millis::hours(24 * 100 + 7);
        let mut sheet = Sheet::empty(now);
        let id = |n: u8| -> WorkloadId { format!("0123456789abcdef012345{n:02}").parse().unwrap() };
        let day = |workload: u8, days_ago: u64, requests: u64| DayCount {
            workload: id(workload),
            at: Timestamp::from_micros(0) + Millis::hours(24 * (100 - days_ago)),
            requests,
            user_errors: 0,
            server_errors: 1,
            peak: requests,
            latencies: vec![(3, requests)],
        };
        sheet.take(&[day(1, 0, 1), day(1, 6, 10), day(1, 7, 100), day(2, 13, 1000), day(2, 0, 5)]);
        sheet.add_up();
        let [before, present] = &sheet.whole;
        assert_eq!((before.requests, present.requests), (1100, 16));
        assert_eq!((before.server_errors, present.server_errors), (2, 3));
        assert_eq!((before.peak, present.latencies[3]), (1000, 16));
        let one = sheet.sums(sheet.of.iter().filter(|(seen, _)| **seen == id(1)).map(|(_, t)| t));
        assert_eq!(one.map(|sum| sum.requests), [100, 11]);
    }
}

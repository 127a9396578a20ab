//! Starting a container: made anew each time, because what was in it is of no use to the next run.

use bollard::{Docker, errors::Error, query_parameters::CreateContainerOptionsBuilder};

use super::{
    Containers, Given,
    container::{self, Net},
    link::Life,
    reach::Reach,
    run::{self, Begun, ContainerRun},
    unstarted::{failed, unstarted},
    user,
};
use crate::engine::supervised::{Unit, runner::Unstarted};

impl Containers {
    /// Makes the unit's container and starts it; the image was prepared before.
    pub(super) async fn begin(
        &self,
        unit: &Unit<Self>,
        number: u64,
        given: &Given,
    ) -> Result<ContainerRun, Unstarted> {
        let docker = self.link.now().ok_or(Unstarted::Away)?;
        let image = self.prepared().remove(&unit.label).ok_or(Unstarted::Away)?;
        let named = unit.container.image_uri.as_deref().unwrap_or_default();
        let user = image.run_as(named, self.allow_root)?;
        let first = if unit.serves { None } else { self.first(unit).await? };
        let net = match &first {
            Some(first) => Net::Of(first.id.as_deref().unwrap_or_default()),
            None if unit.serves => Net::Bridge(&self.link),
            None => return Err(Unstarted::Away),
        };
        let names = &self.link.names;
        let replica = unit.replica();
        let workload = unit.proton.workload.as_str();
        let labels = names.labels(&unit.proton.id, workload, &replica, number);
        let order = container::order(unit, &image, user, &net, labels, given)
            .map_err(|refused| failed(refused.to_string()))?;
        let name = self.name_of(unit);
        let cant = |error: &Error| unstarted(error, named, &image);
        if unit.serves {
            // Whoever tidies an engine up takes away a network that nothing is on.
            self.link.names.ensure_network(&docker).await.map_err(|error| cant(&error))?;
        }
        self.link.remove_quietly(&docker, &name).await;
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        self.unseen().insert(unit.label.clone());
        let made = docker.create_container(Some(options), order).await;
        let id = made.map_err(|error| cant(&error))?.id;
        if let Some(user) = image.named_user().filter(|_| !self.allow_root) {
            let root = user::names_root(&docker, &id, user).await.map_err(|error| cant(&error))?;
            if root {
                self.link.remove_quietly(&docker, &id).await;
                return Err(user::is_root(named));
            }
        }
        let life = self.link.life(&id);
        if let Err(error) = docker.start_container(&id, None).await {
            return Err(self.give_up(&docker, unit, &id, cant(&error)).await);
        }
        let found = match docker.inspect_container(&id, None).await {
            Ok(found) => found,
            Err(error) => return Err(self.give_up(&docker, unit, &id, cant(&error)).await),
        };
        let (reach, first) = match self.reach(unit, &found).await {
            Some(reached) => reached,
            None if unit.serves => {
                // It has ended already.
                self.link.mark(&id, Life::Ended);
                (Reach::default(), None)
            }
            // The first container has, and this one is not to blame.
            None => return Err(self.give_up(&docker, unit, &id, Unstarted::Away).await),
        };
        self.unseen().remove(&unit.label);
        let state = found.state.unwrap_or_default();
        let started_at = state.started_at.as_deref().and_then(run::time);
        let started_at = started_at.unwrap_or_else(|| unit.context.clock.now());
        let begun = Begun { id, life, first, reach, started_at, stop_signal: image.stop_signal };
        Ok(ContainerRun::new(&self.link, unit, begun))
    }

    /// Takes a container away whose start came to nothing, and says why it did. What joins the network of another
    /// is not to blame when that is gone.
    async fn give_up(
        &self,
        docker: &Docker,
        unit: &Unit<Self>,
        id: &str,
        why: Unstarted,
    ) -> Unstarted {
        self.link.forget(id);
        if why != Unstarted::Away || self.link.now().is_some() {
            self.link.remove_quietly(docker, id).await;
        }
        if !unit.serves && self.first(unit).await.is_ok_and(|first| first.is_none()) {
            return Unstarted::Away;
        }
        why
    }
}

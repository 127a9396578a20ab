//! Nothing a person typed is ever lost: whatever the document holds and whatever was changed on either side.

use proptest::{collection::vec, option, prelude::*};
use serde_json::{Map, Value, json};

use super::{
    draft::{Act, Draft},
    locate::line_of,
    present::present,
    pretty::pretty,
    sides::{Out, Prefer, Sides},
    table::{FIELDS, field},
    typed::{Sent, Typed, TypedVariable},
    write::write,
};

/// What a browser makes of a control: one line has no line breaks, several lines end in two characters, and the
/// first line break of a text area is gone, which is why the page writes one more.
fn sent(typed: &Typed) -> Sent {
    let mut pairs: Vec<(String, String)> = Vec::new();
    let mut add = |name: String, text: &str, long: bool| {
        let text = if long { text.replace('\n', "\r\n") } else { text.replace(['\n', '\r'], "") };
        pairs.push((name, text));
    };
    for (index, one) in typed.containers.iter().enumerate() {
        let at = one.at.map_or_else(String::new, |(g, c)| format!("{g}.{c}"));
        add(format!("c{index}.at"), &at, false);
        for (key, text) in &one.fields {
            let long = field(key).is_some_and(|field| field.kind.is_long());
            add(format!("c{index}.{key}"), text, long);
        }
        let Some(rows) = &one.variables else { continue };
        add(format!("c{index}.variables"), "1", false);
        let spare = TypedVariable::spare();
        for (row, one) in rows.iter().chain([&spare]).enumerate() {
            let base = format!("c{index}.v{row}");
            add(format!("{base}.at"), &one.at.map(|at| at.to_string()).unwrap_or_default(), false);
            let controls = [
                ("name", &one.name, false),
                ("source", &one.source, false),
                ("value", &one.value, true),
                ("credential", &one.credential, false),
            ];
            for (name, text, long) in controls {
                if let Some(text) = text {
                    add(format!("{base}.{name}"), text, long);
                }
            }
        }
    }
    if let Some(primary) = typed.primary {
        add("primary".into(), &primary.to_string(), false);
    }
    Sent::new(&pairs)
}

/// Any JSON at all, made of few words so that it often looks like a specification.
fn anything() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "",
        "a",
        " b ",
        "x\ny",
        "\nline",
        "cr\r",
        "[",
        "80",
        "string",
        "dr-credential",
        "api-key",
        "k v",
        "ü🙂",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<i16>().prop_map(|number| Value::from(f64::from(number) / 4.0)),
        word.prop_map(Value::from),
    ];
    let mut names: Vec<String> =
        FIELDS.iter().flat_map(|field| field.path).map(|s| (*s).into()).collect();
    for more in [
        "containerGroups",
        "containers",
        "environmentVars",
        "source",
        "value",
        "primary",
        "drCredentialId",
        "key",
        "executionEnvironmentId",
        "catalogId",
        "catalogVersionId",
        "unknown",
    ] {
        names.push(more.into());
    }
    let name = prop::sample::select(names);
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((name.clone(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A container in which every field that the form knows may hold anything.
fn container() -> impl Strategy<Value = Value> {
    let places: Vec<_> =
        FIELDS.iter().map(|field| (Just(field.path), option::weighted(0.3, anything()))).collect();
    let variables =
        option::of(prop_oneof![3 => vec(variable(), 0..4).prop_map(Value::from), 1 => anything()]);
    (places, variables, option::of(any::<bool>()), option::of(anything())).prop_map(
        |(fields, variables, primary, unknown)| {
            let mut one = json!({});
            for (path, value) in fields {
                if let Some(value) = value {
                    super::place::put(&mut one, path, value);
                }
            }
            for (name, value) in [
                ("environmentVars", variables),
                ("primary", primary.map(Value::from)),
                ("unknown", unknown),
            ] {
                if let Some(value) = value {
                    one[name] = value;
                }
            }
            one
        },
    )
}

fn variable() -> impl Strategy<Value = Value> {
    let plain = ("[A-Z]{1,3}", "[ -~\n]{0,6}")
        .prop_map(|(name, value)| json!({ "name": name, "value": value }));
    let secret = ("[A-Z]{1,3}", "[a-f0-9]{4}", "[a-z]{1,4}").prop_map(|(name, id, key)| {
        json!({ "source": "dr-credential", "name": name, "drCredentialId": id, "key": key })
    });
    let key = Just(json!({ "source": "api-key" }));
    prop_oneof![4 => plain, 2 => secret, 1 => key, 1 => anything()]
}

/// Anything, mostly with the outline of a specification.
fn document() -> impl Strategy<Value = Value> {
    let group = (vec(prop_oneof![5 => container(), 1 => anything()], 0..4), option::of(anything()))
        .prop_map(|(list, name)| {
            let mut group = json!({ "containers": list });
            if let Some(name) = name {
                group["name"] = name;
            }
            group
        });
    let spec = (vec(prop_oneof![5 => group, 1 => anything()], 0..3), option::of(anything()))
        .prop_map(|(groups, more)| {
            let mut spec = json!({ "containerGroups": groups });
            if let Some(more) = more {
                spec["storage"] = more;
            }
            spec
        });
    prop_oneof![8 => spec, 1 => anything()]
}

/// A text that means something for a field, as a form writes it.
fn sensible(key: &'static str) -> BoxedStrategy<String> {
    use super::table::Kind;
    match field(key).map(|field| field.kind) {
        Some(Kind::Number) => (1_u32..70_000).prop_map(|number| number.to_string()).boxed(),
        Some(Kind::Flag) => prop_oneof![Just("true".to_owned()), Just("false".to_owned())].boxed(),
        Some(Kind::Lines) => {
            vec("[!-Z\\\\a-~]{1,5}", 1..4).prop_map(|lines| lines.join("\n")).boxed()
        }
        Some(Kind::Words) => vec("[A-Z_]{1,5}", 1..4).prop_map(|words| words.join(" ")).boxed(),
        Some(Kind::Headers) => "[a-z]{1,4}: [!-~]{1,4}".boxed(),
        Some(Kind::Pair(..)) => "[a-f0-9]{4} [a-f0-9]{4}".boxed(),
        _ => "[!-~]{1,6}".boxed(),
    }
}

fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, &'static str, String)>> {
    let keys: Vec<&'static str> = FIELDS.iter().map(|field| field.key).collect();
    let edit = prop::sample::select(keys)
        .prop_flat_map(|key| (any::<prop::sample::Index>(), Just(key), sensible(key)));
    vec(edit, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// JSON -> form -> browser -> JSON: a form in which nothing was changed changes nothing, whatever it is about.
    #[test]
    fn an_unchanged_form_loses_nothing(spec in document()) {
        let form = present(&spec);
        let written = write(&spec, sent(&form).typed());
        prop_assert_eq!(&written.spec, &spec);
        prop_assert!(written.faults.is_empty());
        let stepped = Sides { base: spec.clone(), typed: sent(&form).typed(), json: pretty(&spec) }.step(Prefer::Neither);
        prop_assert_eq!(stepped.out, None);
        prop_assert_eq!(stepped.sides.json, pretty(&spec));
    }

    /// Form -> JSON -> form: what was typed reads the same when the form is made anew, and what was not typed
    /// stays as it was in the JSON.
    #[test]
    fn what_is_typed_is_in_the_json_and_nothing_else_moves(spec in document(), edits in edits()) {
        let mut form = present(&spec);
        if form.containers.is_empty() { return Ok(()); }
        let mut typed = Vec::new();
        for (which, key, text) in edits {
            let index = which.index(form.containers.len());
            // A field without a control can't be typed into.
            if let Some(before) = form.containers[index].fields.get_mut(key) {
                *before = text.clone();
                typed.retain(|(other, name, _): &(usize, &str, String)| (*other, *name) != (index, key));
                typed.push((index, key, text));
            }
        }
        let before = present(&spec);
        let written = write(&spec, sent(&form).typed());
        prop_assert!(written.faults.is_empty(), "{:?}", written.faults);
        let after = present(&written.spec);
        prop_assert_eq!(after.containers.len(), before.containers.len());
        for (index, key, text) in &typed {
            prop_assert_eq!(after.containers[*index].text(key), Some(text.as_str()), "{}", key);
        }
        for (index, one) in before.containers.iter().enumerate() {
            for (key, text) in &one.fields {
                if !typed.iter().any(|(other, name, _)| (*other, *name) == (index, *key)) {
                    prop_assert_eq!(after.containers[index].text(key), Some(text.as_str()), "{}", key);
                }
            }
            prop_assert_eq!(&after.containers[index].variables, &one.variables);
        }
        // And again: once it is written there is nothing left to write.
        let again = write(&written.spec, sent(&written.typed).typed());
        prop_assert_eq!(again.spec, written.spec);
    }

    /// What the form does not know is where it was, whatever is done in the form.
    #[test]
    fn fields_that_the_form_does_not_know_stay(spec in document(), edits in edits()) {
        let mut form = present(&spec);
        for (which, key, text) in edits {
            if form.containers.is_empty() { break; }
            let index = which.index(form.containers.len());
            if let Some(before) = form.containers[index].fields.get_mut(key) { *before = text; }
        }
        let written = write(&spec, sent(&form).typed()).spec;
        prop_assert_eq!(written.get("storage"), spec.get("storage"));
        for place in super::place::containers(&spec) {
            let (was, is) = (super::place::container(&spec, place), super::place::container(&written, place));
            prop_assert_eq!(was.and_then(|one| one.get("unknown")), is.and_then(|one| one.get("unknown")));
        }
    }

    /// JSON -> form -> JSON: a text that is JSON comes back character by character.
    #[test]
    fn the_json_stays_as_it_was_typed(before in document(), after in document(), spread in any::<bool>()) {
        let json = if spread { serde_json::to_string_pretty(&after).unwrap_or_default() } else { after.to_string() };
        let typed = sent(&present(&before)).typed();
        let stepped = Sides { base: before, typed, json: json.clone() }.step(Prefer::Neither);
        prop_assert_eq!(stepped.out, None);
        prop_assert_eq!(&stepped.sides.json, &json);
        prop_assert_eq!(&stepped.sides.base, &after);
        prop_assert_eq!(stepped.sides.typed, present(&after));
    }

    /// The text that people read is the same JSON.
    #[test]
    fn a_document_written_for_people_is_the_same_document(spec in document()) {
        let text = pretty(&spec);
        let read: Value = serde_json::from_str(&text).expect("it is JSON");
        prop_assert_eq!(read, spec);
        // Any path may be looked for in it, also one that leads nowhere.
        prop_assert!(line_of(&text, "containerGroups.0.containers.1.port") <= text.lines().count().max(1));
    }

    /// While one side can't be read or both were changed, everything stays as typed.
    #[test]
    fn nothing_typed_is_lost_when_the_sides_disagree(spec in document(), json in "[ -~\n]{0,30}", edits in edits()) {
        let mut form = present(&spec);
        for (which, key, text) in edits {
            if form.containers.is_empty() { break; }
            let index = which.index(form.containers.len());
            if let Some(before) = form.containers[index].fields.get_mut(key) { *before = text; }
        }
        let typed = sent(&form).typed();
        let stepped = Sides { base: spec.clone(), typed: typed.clone(), json: json.clone() }.step(Prefer::Neither);
        if stepped.out.is_some() {
            prop_assert_eq!(stepped.sides.json, json);
            prop_assert_eq!(stepped.sides.typed, typed);
            prop_assert_eq!(stepped.sides.base, spec);
        }
    }

    /// One variable typed, one removed: the others are untouched and in order.
    #[test]
    fn variables_come_and_go_alone(list in vec(variable(), 1..5), which in any::<prop::sample::Index>(), value in "[ -~\n]{0,8}") {
        let spec = json!({ "containerGroups": [{ "containers": [{ "environmentVars": list }] }] });
        let gone = which.index(list.len());
        let mut form = present(&spec);
        let rows = form.containers[0].variables.as_mut().expect("a list");
        rows.remove(gone);
        rows.push(TypedVariable { name: Some("NEW".into()), value: Some(value.clone()), ..TypedVariable::spare() });
        let written = write(&spec, sent(&form).typed()).spec;
        let mut expected = list.clone();
        expected.remove(gone);
        expected.push(json!({ "name": "NEW", "value": value }));
        prop_assert_eq!(&written["containerGroups"][0]["containers"][0]["environmentVars"], &Value::from(expected));
    }
}

fn two() -> Value {
    json!({ "containerGroups": [{ "name": "default", "containers": [
        { "name": "main", "primary": true, "imageUri": "a:1", "port": 8080, "x": 1 },
        { "name": "side", "primary": false, "imageUri": "b:1" },
    ] }] })
}

fn draft(spec: &Value) -> Draft {
    let mut draft = Draft::new(None, "n".into());
    draft.sides = Sides::of(spec.clone());
    draft
}

#[test]
fn containers_are_added_and_removed() {
    let mut editing = draft(&two());
    editing.act = Act::AddContainer;
    let stepped = editing.step();
    assert_eq!(stepped.sides.base["containerGroups"][0]["containers"][2], json!({}));
    assert_eq!(stepped.sides.typed.containers[2].at, Some((0, 2)));
    editing.sides = stepped.sides;
    editing.sides.typed.containers[2].fields.insert("image", "c:1".into());
    editing.act = Act::RemoveContainer(0);
    let spec = editing.step().sides.base;
    let left = json!([
        { "name": "side", "primary": false, "imageUri": "b:1" },
        { "imageUri": "c:1" },
    ]);
    assert_eq!(spec["containerGroups"][0]["containers"], left);
}

#[test]
fn another_container_may_serve() {
    let mut editing = draft(&two());
    editing.sides.typed.primary = Some(1);
    let spec = editing.step().sides.base;
    let of = |c: usize| spec["containerGroups"][0]["containers"][c]["primary"].clone();
    assert_eq!((of(0), of(1)), (json!(false), json!(true)));
}

#[test]
fn a_new_container_without_a_group_gets_one() {
    for start in [json!({}), json!({ "containerGroups": null }), json!({ "containerGroups": [{}] })]
    {
        let mut editing = draft(&start);
        editing.act = Act::AddContainer;
        let stepped = editing.step();
        assert_eq!(stepped.sides.base["containerGroups"][0]["containers"], json!([{}]), "{start}");
    }
    let mut editing = draft(&json!({ "containerGroups": 5 }));
    editing.act = Act::AddContainer;
    assert_eq!(editing.step().faults[0].field, "containerGroups");
}

#[test]
fn a_text_that_means_nothing_is_told_and_kept() {
    let mut editing = draft(&two());
    editing.sides.typed.containers[0].fields.insert("port", "eighty".into());
    editing.sides.typed.containers[0].fields.insert("image", "a:2".into());
    let stepped = editing.step();
    assert_eq!(stepped.faults[0].field, "containerGroups.0.containers.0.port");
    assert_eq!(stepped.sides.typed.containers[0].text("port"), Some("eighty"));
    let main = &stepped.sides.base["containerGroups"][0]["containers"][0];
    assert_eq!((&main["port"], &main["imageUri"]), (&json!(8080), &json!("a:2")));
    assert!(stepped.spec().is_err(), "it is not saved without it");
}

#[test]
fn both_sides_changed_wait_for_a_choice() {
    let mut editing = draft(&two());
    editing.sides.typed.containers[0].fields.insert("image", "form:1".into());
    editing.sides.json = editing.sides.json.replace("b:1", "json:1");
    assert_eq!(editing.step().out, Some(Out::Both));
    editing.act = Act::Take(Prefer::Form);
    let form = editing.step();
    assert_eq!(form.out, None);
    assert!(form.sides.json.contains("form:1") && form.sides.json.contains("b:1"));
    editing.act = Act::Take(Prefer::Json);
    let json = editing.step();
    assert_eq!(json.out, None);
    assert_eq!(json.sides.typed.containers[1].text("image"), Some("json:1"));
    assert_eq!(json.sides.typed.containers[0].text("image"), Some("a:1"));
}

#[test]
fn the_json_says_where_it_breaks_off() {
    let mut editing = draft(&two());
    editing.sides.json = "{\n  \"containerGroups\": [,]\n}".into();
    let Some(Out::NoJson { line, why, .. }) = editing.step().out else { panic!("it is no JSON") };
    assert_eq!(line, 2);
    assert!(!why.contains("line"), "{why}");
}

#[test]
fn a_field_that_is_unknown_missing_or_twice_is_told_by_its_path() {
    let wrong = |json: &str| {
        let sides = Sides { json: json.into(), ..Sides::of(json!({})) };
        sides.step(Prefer::Neither).spec().expect_err("something is wrong").remove(0)
    };
    let of = |container: &str| {
        wrong(&format!(r#"{{"containerGroups": [{{"containers": [{container}]}}]}}"#))
    };
    assert_eq!(of(r#"{"port": "80"}"#).field, "containerGroups.0.containers.0.port");
    assert_eq!(
        of(r#"{"readinessProbe": {}}"#).field,
        "containerGroups.0.containers.0.readinessProbe.path"
    );
    assert!(of(r#"{"imageURI": "a"}"#).message.contains("imageURI"));
    assert!(of(r#"{"port": 8080, "port": 8081}"#).message.contains("duplicate"));
}

#[test]
fn a_variable_turns_from_a_value_into_a_credential_and_back() {
    let spec = json!({ "containerGroups": [{ "containers": [{ "environmentVars": [
        { "name": "A", "value": "x", "source": "string" },
    ] }] }] });
    let mut editing = draft(&spec);
    let row = |editing: &mut Draft| {
        editing.sides.typed.containers[0].variables.as_mut().expect("rows").remove(0)
    };
    let mut one = row(&mut editing);
    one.source = Some("dr-credential".into());
    one.credential = Some("c1 key".into());
    editing.sides.typed.containers[0].variables = Some(vec![one]);
    let stepped = editing.step();
    let now =
        |spec: &Value| spec["containerGroups"][0]["containers"][0]["environmentVars"][0].clone();
    let secret =
        json!({ "name": "A", "source": "dr-credential", "drCredentialId": "c1", "key": "key" });
    assert_eq!(now(&stepped.sides.base), secret);
    editing.sides = stepped.sides;
    let mut one = row(&mut editing);
    assert_eq!(one.value.as_deref(), Some("x"), "what was typed is still in the form");
    one.source = Some("string".into());
    editing.sides.typed.containers[0].variables = Some(vec![one]);
    assert_eq!(now(&editing.step().sides.base), json!({ "name": "A", "value": "x" }));
}

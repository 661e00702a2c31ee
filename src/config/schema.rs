//! The JSON Schema of `plimsoll.toml`, for editors.

use crate::budget::{KEYS, Measure, Subject, What};
use crate::rules::Rule;
use serde_json::{Map, Value, json};

/// Draft 2020-12. What it takes the parser takes, but for what a schema cannot say: whether a rule exists, and that an
/// id is not taken.
pub fn schema() -> Value {
    let mut rule = serde_json::to_value(schemars::schema_for!(Rule)).unwrap_or_default();
    let mut definitions =
        rule.as_object_mut().and_then(|rule| rule.remove("$defs")).and_then(|defs| defs.as_object().cloned()).unwrap_or_default();
    if let Some(rule) = rule.as_object_mut() {
        rule.remove("$schema");
    }
    definitions.insert("Rule".to_owned(), rule);
    let level = json!({"enum": ["off", "info", "warn", "fail"]});
    let size = r"^ *[0-9]+(\.[0-9]{0,9})? *([bB]|[kKmMgGtT]([iI]?[bB]|[iI])?)? *$";
    definitions.insert(
        "Size".to_owned(),
        json!({
            "description": "Bytes: a number, or text such as \"300 MB\" or \"1.5GiB\".",
            "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": size}],
        }),
    );
    definitions.insert("Bound".to_owned(), bound(size));
    definitions.insert("Budgets".to_owned(), budgets());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "plimsoll.toml",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "floor": {"$ref": "#/$defs/Size", "description": "Findings with less are left out of tables."},
            "levels": {"type": "object", "additionalProperties": level, "description": "Levels by rule, by check, or by `tool/*`."},
            "rule": {"type": "array", "items": {"$ref": "#/$defs/Rule"}, "description": "Rules of your own."},
            "allow": {"type": "array", "items": allow(), "description": "What is known and accepted."},
            "checklist": {
                "type": "object", "additionalProperties": false,
                "properties": {"size-target": {"anyOf": [{"$ref": "#/$defs/Size"}, {
                    "type": "object", "additionalProperties": false, "required": ["acceptable"],
                    "properties": {"good": {"$ref": "#/$defs/Size"}, "acceptable": {"$ref": "#/$defs/Size"}, "limit": {"$ref": "#/$defs/Size"}},
                }]}},
            },
            "budget": {"$ref": "#/$defs/Budgets", "description": "What `plimsoll check` holds every image to."},
            "profile": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Budgets"}, "description": "For `--profile NAME`, over [budget]."},
            "image": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Budgets"}, "description": "For images whose name matches the glob, over [budget]."},
        },
        "$defs": definitions,
    })
}

fn allow() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["rule", "reason"],
        "properties": {
            "rule": {"type": "string", "description": "A rule or a check, or `tool/*`."},
            "paths": {"type": "array", "items": {"type": "string"}, "description": "Only there; by default everywhere."},
            "reason": {"type": "string", "pattern": r"\S"},
            "expires": {"description": "The last day on which it holds, a date such as 2027-01-31."},
        },
    })
}

fn bound(size: &str) -> Value {
    let size = size.trim_start_matches("^ *").trim_end_matches(" *$");
    let share = r"[0-9]{1,9}(\.[0-9]{0,4})? *%";
    json!({
        "description": "A size, a part, or both: \"300 MB\", \"5%\", \"5% and 10 MB\" (both must be exceeded), \"5% or 10 MB\".",
        "anyOf": [
            {"$ref": "#/$defs/Size"},
            {"type": "string", "pattern": format!("^ *{share} *$")},
            {"type": "string", "pattern": format!("^ *({share} +(and|or) +{size}|{size} +(and|or) +{share}) *$")},
        ],
    })
}

/// One limit with both its steps, or only one.
fn steps(bound: &Value) -> Value {
    json!({"anyOf": [bound, {"type": "object", "additionalProperties": false, "properties": {"warn": bound, "fail": bound}}]})
}

fn budgets() -> Value {
    let mut properties = Map::new();
    for (key, what) in &KEYS {
        let bound = if !what.is_bytes() {
            json!({"type": "integer", "minimum": 0})
        } else if what.takes_share() {
            json!({"$ref": "#/$defs/Bound"})
        } else {
            json!({"$ref": "#/$defs/Size"})
        };
        properties.insert(format!("max_{key}"), described(steps(&bound), what, "Fails"));
        let warn = json!({"anyOf": [bound, {"type": "object", "additionalProperties": false, "properties": {"warn": bound}}]});
        properties.insert(format!("warn_{key}"), described(warn, what, "Warns"));
    }
    let part = json!({"anyOf": [
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "string", "pattern": r"^ *(100(\.0{0,4})?|[0-9]{1,2}(\.[0-9]{0,4})?) *% *$"},
    ]});
    properties.insert("min_efficiency".to_owned(), part.clone());
    properties.insert("warn_efficiency".to_owned(), part);
    for key in ["fail_on", "warn_on"] {
        properties.insert(
            key.to_owned(),
            json!({"enum": ["info", "warn", "fail"], "description": "On findings of this level or above in own layers."}),
        );
    }
    properties.insert("baseline".to_owned(), json!({"type": "string", "description": "What growth is measured against: a file of `plimsoll baseline`, a saved analysis or an image."}));
    properties.insert("limit".to_owned(), json!({"type": "array", "items": limit()}));
    json!({"type": "object", "additionalProperties": false, "properties": properties})
}

fn described(mut schema: Value, what: &What, verb: &str) -> Value {
    schema["description"] = json!(format!("{verb} above it: {}.", what.title()));
    schema
}

fn limit() -> Value {
    let subjects = [Subject::Image, Subject::Own, Subject::Layer].map(|subject| subject.to_string()).join("|");
    let ecosystems = crate::facts::Ecosystem::ALL.map(crate::facts::Ecosystem::name).join("|");
    json!({
        "type": "object", "additionalProperties": false, "required": ["of"],
        "anyOf": [{"required": ["max"]}, {"required": ["warn"]}],
        "properties": {
            "of": {"type": "string", "pattern": format!("^({subjects}|path:.+|package:({ecosystems}):.+|ecosystem:({ecosystems})|rule:.+|findings:(info|warn|fail))$")},
            "measure": {"enum": Measure::ALL.map(Measure::name)},
            "max": {"$ref": "#/$defs/Bound"},
            "warn": {"$ref": "#/$defs/Bound"},
        },
    })
}

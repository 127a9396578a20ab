//! Roles and permissions as people call them.

use handover::model::{EntityKind, PlatformRole, RecipientKind, Scope, ShareRole};

pub fn role(role: ShareRole) -> &'static str {
    match role {
        ShareRole::Owner => "Owner",
        ShareRole::Admin => "Admin",
        ShareRole::ReadWrite => "Read and write",
        ShareRole::Editor => "Editor",
        ShareRole::DataScientist => "Data scientist",
        ShareRole::User => "User",
        ShareRole::ReadOnly => "Read only",
        ShareRole::Observer => "Observer",
        ShareRole::Consumer => "Consumer",
    }
}

/// What a role is good for, in a sentence.
pub fn effect(role: ShareRole, kind: EntityKind) -> &'static str {
    let serves = matches!(kind, EntityKind::Workload | EntityKind::Deployment);
    match role {
        ShareRole::Owner | ShareRole::Admin => {
            "Everything: change, replace, share with anybody, delete."
        }
        ShareRole::ReadWrite | ShareRole::Editor | ShareRole::DataScientist => {
            "Sees and changes it, and shares it with others up to this role. Does not delete it."
        }
        ShareRole::User if serves => {
            "Sees it, with its settings, statistics and logs, and calls its endpoint. Changes nothing."
        }
        ShareRole::User | ShareRole::ReadOnly | ShareRole::Observer => "Sees it. Changes nothing.",
        ShareRole::Consumer if serves => {
            "Calls its endpoint, and does not see its settings, statistics or logs."
        }
        ShareRole::Consumer => "Nothing by itself: there is no endpoint to call.",
    }
}

/// Permissions as one phrase: `see it, call its endpoint`.
pub fn may(words: &[String]) -> String {
    let known = |word: &str| match word {
        "*" => Some("do everything"),
        "CAN_VIEW" => Some("see it"),
        "CAN_UPDATE" => Some("change it"),
        "CAN_DELETE" => Some("delete it"),
        "CAN_SHARE" => Some("share it"),
        "CAN_MAKE_PREDICTIONS" => Some("call its endpoint"),
        // How far one may share follows from the role.
        _ => None,
    };
    let phrases: Vec<&str> = words.iter().filter_map(|word| known(word)).collect();
    match &phrases[..] {
        [] => "do nothing".to_owned(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

pub fn recipient(kind: RecipientKind) -> &'static str {
    match kind {
        RecipientKind::User => "Person",
        RecipientKind::Group => "Group",
        RecipientKind::Organization => "Organisation",
        RecipientKind::Role => "Everybody with a role",
    }
}

pub fn platform(role: PlatformRole) -> &'static str {
    match role {
        PlatformRole::Admin => "Administrator",
        PlatformRole::Member => "Member",
        PlatformRole::Reader => "Reader",
    }
}

/// What the platform role means, in a sentence.
pub fn platform_effect(role: PlatformRole) -> &'static str {
    match role {
        PlatformRole::Admin => "Owns everything in the organisation, and keeps its people.",
        PlatformRole::Member => "Makes things, and may do what was shared with them.",
        PlatformRole::Reader => "Looks at and calls what was shared with them, whatever the role.",
    }
}

/// What a token with this scope is for.
pub fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "Reads everything that you may see.",
        Scope::Operate => "Does everything that you may do through the API, reading included.",
        Scope::Invoke => "Calls endpoints.",
    }
}

#[cfg(test)]
mod tests {
    use super::may;

    #[test]
    fn permissions_read_as_a_phrase() {
        let may =
            |words: &[&str]| may(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(may(&["*"]), "do everything");
        assert_eq!(may(&[]), "do nothing");
        assert_eq!(may(&["CAN_MAKE_PREDICTIONS"]), "call its endpoint");
        assert_eq!(
            may(&["CAN_VIEW", "CAN_UPDATE", "CAN_SHARE", "CAN_SHARE_ROLE_READ_ONLY"]),
            "see it, change it and share it"
        );
    }
}

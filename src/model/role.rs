//! What one may do with an entity: permissions, and the roles that carry them (rules.md §4, L12).

use super::words;

words! {
    /// One thing that one may do with an entity.
    Permission {
        View = "CAN_VIEW",
        Update = "CAN_UPDATE",
        Delete = "CAN_DELETE",
        Share = "CAN_SHARE",
        /// Call its endpoint.
        Invoke = "CAN_MAKE_PREDICTIONS",
        /// Grant, change and remove the owner's role.
        ShareOwner = "CAN_SHARE_ROLE_OWNER",
        /// The same for roles that change things.
        ShareReadWrite = "CAN_SHARE_ROLE_READ_WRITE",
        /// The same for roles that only look or call.
        ShareReadOnly = "CAN_SHARE_ROLE_READ_ONLY",
    }
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Permissions(u8);

impl Permissions {
    pub const NONE: Self = Self(0);
    pub const ALL: Self = Self(u8::MAX);
    pub const VIEW: Self = Self::of(&[Permission::View]);

    pub const fn of(all: &[Permission]) -> Self {
        let (mut bits, mut n) = (0, 0);
        while n < all.len() {
            bits |= 1 << all[n] as u8;
            n += 1;
        }
        Self(bits)
    }

    #[must_use]
    pub const fn holds(self, one: Permission) -> bool {
        self.0 & (1 << one as u8) != 0
    }

    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub const fn within(self, ceiling: Self) -> Self {
        Self(self.0 & ceiling.0)
    }

    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// As records show them: the single word `*` stands for all.
    pub fn words(self) -> Vec<String> {
        if self == Self::ALL {
            return vec!["*".to_owned()];
        }
        let held = Permission::ALL.iter().filter(|one| self.holds(**one));
        held.map(|one| one.word().to_owned()).collect()
    }
}

words! {
    /// A role as it was granted. Some names mean the same; the one that was given is kept and shown.
    ShareRole {
        Owner = "OWNER",
        Admin = "ADMIN",
        ReadWrite = "READ_WRITE",
        Editor = "EDITOR",
        DataScientist = "DATA_SCIENTIST",
        User = "USER",
        ReadOnly = "READ_ONLY",
        Observer = "OBSERVER",
        Consumer = "CONSUMER",
    }
}

impl ShareRole {
    pub const fn permissions(self) -> Permissions {
        use Permission::{Invoke, Share, ShareReadOnly, ShareReadWrite, Update, View};
        match self {
            Self::Owner | Self::Admin => Permissions::ALL,
            Self::ReadWrite | Self::Editor | Self::DataScientist => {
                Permissions::of(&[View, Update, Share, Invoke, ShareReadWrite, ShareReadOnly])
            }
            Self::User => Permissions::of(&[View, Invoke]),
            Self::ReadOnly | Self::Observer => Permissions::of(&[View]),
            Self::Consumer => Permissions::of(&[Invoke]),
        }
    }

    /// What one needs to grant it, or to take it from somebody.
    pub const fn granted_by(self) -> Permission {
        match self {
            Self::Owner | Self::Admin => Permission::ShareOwner,
            Self::ReadWrite | Self::Editor | Self::DataScientist => Permission::ShareReadWrite,
            Self::User | Self::ReadOnly | Self::Observer | Self::Consumer => {
                Permission::ShareReadOnly
            }
        }
    }

    pub const fn is_owner(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }
}

words! {
    /// What one may be in the whole organisation. It narrows what roles on entities give, except for the
    /// administrator, who may do everything in it.
    PlatformRole {
        Admin = "admin",
        Member = "member",
        /// Looks and calls, whatever was granted.
        Reader = "reader",
    }
}

words! {
    /// What an API token may be used for.
    Scope {
        Read = "read",
        /// Everything its person may do through the API, reading included.
        Operate = "operate",
        /// Calling endpoints.
        Invoke = "invoke",
    }
}

impl Scope {
    pub const fn permissions(self) -> Permissions {
        match self {
            Self::Read => Permissions::of(&[Permission::View]),
            Self::Operate => Permissions(!(1 << Permission::Invoke as u8)),
            Self::Invoke => Permissions::of(&[Permission::Invoke]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Permission, Permissions, Scope, ShareRole};

    #[test]
    fn stronger_roles_hold_what_weaker_ones_do() {
        let order = [ShareRole::Owner, ShareRole::Editor, ShareRole::User, ShareRole::Observer];
        for pair in order.windows(2) {
            let (more, less) = (pair[0].permissions(), pair[1].permissions());
            assert_eq!(less.within(more), less, "{pair:?}");
            assert_ne!(more, less, "{pair:?}");
        }
        assert!(!ShareRole::Consumer.permissions().holds(Permission::View));
        assert_eq!(ShareRole::Owner.permissions().words(), ["*"]);
        assert_eq!(ShareRole::User.permissions().words(), ["CAN_VIEW", "CAN_MAKE_PREDICTIONS"]);
    }

    #[test]
    fn the_scopes_together_allow_everything() {
        let all =
            Scope::ALL.iter().fold(Permissions::NONE, |sum, scope| sum.and(scope.permissions()));
        assert_eq!(all, Permissions::ALL);
        assert!(!Scope::Operate.permissions().holds(Permission::Invoke));
    }
}

//! The fields of a container that the form knows, and where each stands in the JSON. What is not in this table
//! is edited in the JSON alone, and the form never touches it.

/// How the value of a field is written in the JSON, and as text in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// A whole number.
    Number,
    /// `true`, `false`, or not set.
    Flag,
    /// A list of texts, one per line; as a JSON list when a text would not survive on a line.
    Lines,
    /// A list of words without blanks.
    Words,
    /// An object of texts, one `name: value` per line.
    Headers,
    /// Two texts of one object, with a blank between them.
    Pair(&'static str, &'static str),
}

impl Kind {
    /// Whether the form has several lines for it.
    pub const fn is_long(self) -> bool {
        matches!(self, Self::Lines | Self::Headers)
    }
}

/// One field of a container.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// In the form: `readiness.path`. What stands before the dot is the block it belongs to.
    pub key: &'static str,
    /// In the JSON, from the container on.
    pub path: &'static [&'static str],
    pub kind: Kind,
}

macro_rules! fields {
    ($($key:literal: $kind:expr => $($step:literal)/+;)*) => {
        &[$(Field { key: $key, path: &[$($step),+], kind: $kind }),*]
    };
}

pub const FIELDS: &[Field] = fields! {
    "name": Kind::Text => "name";
    "description": Kind::Text => "description";
    "image": Kind::Text => "imageUri";
    "port": Kind::Number => "port";
    "entrypoint": Kind::Lines => "entrypoint";
    "build.source": Kind::Text => "imageBuildConfig" / "dockerfile" / "source";
    "build.path": Kind::Text => "imageBuildConfig" / "dockerfile" / "path";
    "build.environment": Kind::Pair("executionEnvironmentId", "executionEnvironmentVersionId")
        => "imageBuildConfig" / "dockerfile";
    "build.entrypoint": Kind::Lines => "imageBuildConfig" / "dockerfile" / "entrypoint";
    "build.code": Kind::Pair("catalogId", "catalogVersionId")
        => "imageBuildConfig" / "codeRef" / "datarobot";
    "startup.path": Kind::Text => "startupProbe" / "path";
    "startup.port": Kind::Number => "startupProbe" / "port";
    "startup.scheme": Kind::Text => "startupProbe" / "scheme";
    "startup.host": Kind::Text => "startupProbe" / "host";
    "startup.delay": Kind::Number => "startupProbe" / "initialDelaySeconds";
    "startup.period": Kind::Number => "startupProbe" / "periodSeconds";
    "startup.timeout": Kind::Number => "startupProbe" / "timeoutSeconds";
    "startup.failures": Kind::Number => "startupProbe" / "failureThreshold";
    "startup.successes": Kind::Number => "startupProbe" / "successThreshold";
    "startup.headers": Kind::Headers => "startupProbe" / "httpHeaders";
    "readiness.path": Kind::Text => "readinessProbe" / "path";
    "readiness.port": Kind::Number => "readinessProbe" / "port";
    "readiness.scheme": Kind::Text => "readinessProbe" / "scheme";
    "readiness.host": Kind::Text => "readinessProbe" / "host";
    "readiness.delay": Kind::Number => "readinessProbe" / "initialDelaySeconds";
    "readiness.period": Kind::Number => "readinessProbe" / "periodSeconds";
    "readiness.timeout": Kind::Number => "readinessProbe" / "timeoutSeconds";
    "readiness.failures": Kind::Number => "readinessProbe" / "failureThreshold";
    "readiness.successes": Kind::Number => "readinessProbe" / "successThreshold";
    "readiness.headers": Kind::Headers => "readinessProbe" / "httpHeaders";
    "liveness.path": Kind::Text => "livenessProbe" / "path";
    "liveness.port": Kind::Number => "livenessProbe" / "port";
    "liveness.scheme": Kind::Text => "livenessProbe" / "scheme";
    "liveness.host": Kind::Text => "livenessProbe" / "host";
    "liveness.delay": Kind::Number => "livenessProbe" / "initialDelaySeconds";
    "liveness.period": Kind::Number => "livenessProbe" / "periodSeconds";
    "liveness.timeout": Kind::Number => "livenessProbe" / "timeoutSeconds";
    "liveness.failures": Kind::Number => "livenessProbe" / "failureThreshold";
    "liveness.successes": Kind::Number => "livenessProbe" / "successThreshold";
    "liveness.headers": Kind::Headers => "livenessProbe" / "httpHeaders";
    "security.escalation": Kind::Flag => "securityContext" / "allowPrivilegeEscalation";
    "security.readonly": Kind::Flag => "securityContext" / "readOnlyRootFilesystem";
    "security.add": Kind::Words => "securityContext" / "capabilities" / "add";
    "security.drop": Kind::Words => "securityContext" / "capabilities" / "drop";
    "security.seccomp": Kind::Text => "securityContext" / "seccompProfile" / "type";
    "security.profile": Kind::Text => "securityContext" / "seccompProfile" / "localhostProfile";
};

/// The field of this key.
pub fn field(key: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.key == key)
}

impl Field {
    /// Where it stands, dotted, from the container on.
    pub fn dotted(&self) -> String {
        self.path.join(".")
    }
}

//! Values with a name or a number of their own, written as that and described by all of them.

/// Writes an enum as what one of its methods returns, and describes it as the list of those values:
/// `written_by!(Role::as_str { Index, Manifest, Layer });`. A variant that holds something is named with a value. The
/// compiler refuses a list that is not complete.
macro_rules! written_by {
    ($type:ident :: $method:ident { $($variant:ident $(($value:expr))?),+ $(,)? }) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&self.$method(), serializer)
            }
        }

        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let _is_complete = |one: &Self| match one {
                    $(Self::$variant { .. } => ()),+
                };
                schemars::json_schema!({ "enum": [$(Self::$variant $(($value))?.$method()),+] })
            }
        }
    };
}

pub(crate) use written_by;

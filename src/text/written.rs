//! Enums that are serialized as a name or number, with a schema that lists all of these.

/// Serializes an enum as the result of one of its methods, with a schema that lists those values:
/// `written_by!(Role::as_str { Index, Manifest, Layer });`. A variant with fields is listed with a value. The compiler
/// rejects an incomplete list. Variants after `besides` occur only in forms that list them themselves.
macro_rules! written_by {
    (
        $type:ident :: $method:ident { $($variant:ident $(($value:expr))?),+ $(,)? }
        $(besides { $($other:ident),+ $(,)? })?
    ) => {
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
                    $(Self::$variant { .. } => (),)+
                    $($(Self::$other { .. } => (),)+)?
                };
                schemars::json_schema!({ "enum": [$(Self::$variant $(($value))?.$method()),+] })
            }
        }
    };
}

pub(crate) use written_by;

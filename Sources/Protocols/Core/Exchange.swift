/// Puts `replacement` in place of `value` and returns what was there, without copying either.
///
/// State machines take their state out with it and leave a poisoned one behind, so that a throw leaves them failed
/// and payloads are never shared while they are changed.
@inlinable
public func exchange<Value: ~Copyable>(_ value: inout Value, with replacement: consuming Value) -> Value {
    let taken = value
    value = replacement
    return taken
}

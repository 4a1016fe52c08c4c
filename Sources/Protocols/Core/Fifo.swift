/// First in, first out: an array that forgets its front in constant time on average, and its memory when it has been long.
public struct Fifo<Element> {
    /// Those before the head are `nil`: what goes is moved out, not copied.
    @usableFromInline internal var elements: [Element?] = []
    @usableFromInline internal var head = 0

    @inlinable public init() {}

    @inlinable public var count: Int { elements.count - head }
    @inlinable public var indices: Range<Int> { 0..<count }
    @inlinable public var isEmpty: Bool { count == 0 }
    @inlinable public var first: Element? { isEmpty ? nil : self[0] }

    @inlinable public var last: Element? {
        get { isEmpty ? nil : self[count - 1] }
        _modify {
            var value: Element? = isEmpty ? nil : self[count - 1]
            yield &value
            if let value { self[count - 1] = value }
        }
    }

    /// 0 is the first one.
    @inlinable public subscript(index: Int) -> Element {
        get { elements[head + index]! }
        _modify { yield &elements[head + index]! }
    }

    @inlinable public mutating func append(_ element: consuming Element) { elements.append(element) }

    @inlinable public mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = exchange(&elements[head], with: nil)
        head += 1
        if head == elements.count {
            if head <= 64 { elements.removeAll(keepingCapacity: true) } else { elements = [] }
            head = 0
        } else if head >= 32, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    @inlinable public mutating func remove(at index: Int) { elements.remove(at: head + index) }
}

extension Fifo: Sendable where Element: Sendable {}

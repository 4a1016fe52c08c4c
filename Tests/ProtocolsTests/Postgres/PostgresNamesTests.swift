import Testing

@testable import Protocols

@Suite struct PostgresNamesTests {
    /// Few enough to be looked at one by one, and more.
    static let counts = [1, 2, 8, 9, 100]

    private func names(_ count: Int, countMaximum: Int = 1000) -> PostgresNames<Int> {
        var names = PostgresNames<Int>(countMaximum: countMaximum, costMaximum: 1_000_000)
        for number in 0..<count { names.set(number == 0 ? "" : "name\(number)", number, cost: 10) }
        return names
    }

    @Test(arguments: counts)
    func `what was set is found until it is removed, in the order in which it was set`(_ count: Int) {
        var names = names(count)
        #expect(names.all == Array(0..<count))
        #expect(names[""] == 0)
        #expect(names["name\(count)"] == nil)
        #expect(names.cost == 10 * count)
        for number in 1..<max(1, count) { names.remove("name\(number)") }
        names.remove("name\(count)")
        #expect(names.all == [0])
        #expect(names.cost == 10)
    }

    @Test(arguments: counts)
    func `what is set again takes the place of what was there, as the latest`(_ count: Int) {
        for number in 0..<count {
            var names = names(count)
            names.set(number == 0 ? "" : "name\(number)", -1, cost: 30)
            #expect(names.all == (0..<count).filter { $0 != number } + [-1])
            #expect(names.cost == 10 * count + 20)
        }
    }

    @Test(arguments: counts)
    func `a value is changed where it stands`(_ count: Int) {
        var names = names(count)
        for number in 0..<count { names.change(number == 0 ? "" : "name\(number)") { $0 += 1000 } }
        names.change("unknown") { $0 = -1 }
        #expect(names.all == Array(1000..<1000 + count))
    }

    @Test func `the oldest are forgotten first`() {
        let names = names(21, countMaximum: 20)
        #expect(names.all == Array(6..<21))
        #expect(names.cost == 150)
    }
}

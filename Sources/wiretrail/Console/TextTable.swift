/// Rows in columns, with a title over each.
struct TextTable {
    let titles: [String]
    var rows: [[String]] = []
    let style: Style

    init(_ titles: [String], style: Style) {
        self.titles = titles
        self.style = style
    }

    /// - Parameter paintLast: colours the last cell of the row of this number.
    func text(paintLast: (_ row: Int, _ cell: String) -> String = { $1 }) -> String {
        let widths = titles.indices.map { column in ([titles] + rows).map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String], _ last: String) -> String {
            zip(cells, widths).dropLast().map { $0.padding(to: $1) + "  " }.joined() + last + "\n"
        }
        guard let lastTitle = titles.last else { return "" }
        var text = style.title(String(line(titles, lastTitle).dropLast())) + "\n"
        for (number, row) in rows.enumerated() { text += line(row, paintLast(number, row[row.count - 1])) }
        return text
    }
}

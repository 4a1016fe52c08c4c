/// What is known of PostgreSQL's own functions by their names.
public enum SQLFunctions {
    /// Whether a function takes SQL, a table's name or a file's as a value: what it does is not in the statement's text.
    public static func readsCode(_ name: String) -> Bool {
        codeReaders.contains(name) || name.hasPrefix("dblink")
    }

    /// Functions of the server and of its contrib modules; those of dblink are told by their prefix.
    private static let codeReaders: Set = [
        "query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema", "cursor_to_xml", "cursor_to_xmlschema",
        "table_to_xml", "table_to_xmlschema", "table_to_xml_and_xmlschema", "schema_to_xml", "schema_to_xmlschema",
        "schema_to_xml_and_xmlschema", "database_to_xml", "database_to_xmlschema", "database_to_xml_and_xmlschema",
        "ts_stat", "ts_rewrite", "xpath_table", "connectby", "crosstab", "crosstab2", "crosstab3", "crosstab4",
        "crosstabn", "crosstab_hash", "pg_read_file", "pg_read_binary_file", "pg_read_file_old",
        "pg_read_file_v2", "pg_ls_dir", "pg_stat_file", "pg_file_write", "pg_file_read", "pg_file_rename",
        "pg_file_unlink", "pg_file_sync", "get_raw_page", "lo_import", "lo_export", "plpgsql_inline_handler",
        "pg_logical_slot_get_changes", "pg_logical_slot_peek_changes", "pg_logical_slot_get_binary_changes",
        "pg_logical_slot_peek_binary_changes",
    ]

    /// Whether a function, called by that name, computes and does nothing else. Names that a user may have given to a
    /// function of his own are not told apart.
    public static func isHarmless(_ name: SQLName) -> Bool {
        (name.schema == nil || name.schema == "pg_catalog") && harmless.contains(name.name)
    }

    private static let harmless: Set<String> = Set(
        """
        abs age array_agg array_append array_cat array_length array_position array_remove array_to_json array_to_string \
        ascii avg bit_and bit_length bit_or bool_and bool_or btrim bytea cardinality ceil ceiling char_length \
        character_length chr clock_timestamp coalesce concat concat_ws cos count cume_dist current_database \
        current_schema current_setting date date_part date_trunc decode degrees dense_rank div encode every exp extract \
        first_value floor format generate_series greatest initcap interval isfinite json_agg json_array_length \
        json_build_array json_build_object json_object_agg jsonb_agg jsonb_array_elements jsonb_array_elements_text \
        jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path \
        jsonb_extract_path_text jsonb_object_agg jsonb_object_keys jsonb_set jsonb_strip_nulls jsonb_typeof \
        justify_days justify_hours justify_interval lag last_value lead least left length like_escape ln localtime log \
        lower lpad ltrim make_date make_interval make_time make_timestamp make_timestamptz max md5 min mod mode now \
        nth_value ntile nullif octet_length overlay percent_rank percentile_cont percentile_disc pg_backend_pid \
        pg_typeof pi position power quote_ident quote_literal quote_nullable radians random rank regexp_match \
        regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table repeat replace reverse right round \
        row_number row_to_json rpad rtrim sha256 sign sin split_part sqrt statement_timestamp stddev stddev_pop stddev_samp \
        string_agg string_to_array strpos substr substring sum tan text timeofday timezone to_char to_date to_json \
        to_jsonb to_number to_timestamp to_tsquery to_tsvector transaction_timestamp translate trim trunc \
        unnest upper var_pop var_samp variance version width_bucket
        """.split(separator: " ").map(String.init))
}

// SQLite, with the two destructor constants that Swift cannot import.
#pragma once
#include <sqlite3.h>

static inline sqlite3_destructor_type wt_sqlite_transient(void) { return SQLITE_TRANSIENT; }

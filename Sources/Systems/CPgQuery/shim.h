// PostgreSQL 15's own parser, taken out of the server.
#pragma once
#include <pg_query.h>

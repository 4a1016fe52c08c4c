// libidn's tables of stringprep (RFC 3454), of which SASLprep (RFC 4013) is a profile.
#pragma once
#include <stringprep.h>

// Swift sees no array whose length its header leaves open. Unassigned code points are errors, as they are to PostgreSQL.
static inline int wt_saslprep(char *text, size_t capacity) {
    return stringprep(text, capacity, STRINGPREP_NO_UNASSIGNED, stringprep_saslprep);
}

// Zstandard streams, read only.
#pragma once
#include <zstd.h>

// Brotli streams, read only.
#pragma once
#include <brotli/decode.h>

// DEFLATE streams; the initializer that is a macro as a function.
#pragma once
#include <zlib.h>

static inline int wiretrail_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

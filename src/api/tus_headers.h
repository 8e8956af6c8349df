/* What tus clients say in headers (tus 1.0, https://tus.io/protocols/resumable-upload). */
#pragma once

#include "core/upload.h"

#include "base/arena.h"

/* Upload-Length, Upload-Offset: digits alone. ERR_INVALID; ERR_TOO_LARGE: a number beyond all
 * files. */
enum err tus_headers_number(struct str value, int64_t *ret) MUST_CHECK;

struct tus_metadata {
	struct str filename; /* any bytes; empty: not said */
	struct str filetype;
};
/* Upload-Metadata: "key base64,key base64". ERR_INVALID: not that, or a key twice. ERR_TOO_LARGE
 * over LIMIT_UPLOAD_METADATA_BYTES. Empty: nothing is said. */
enum err tus_headers_metadata(struct arena *arena, struct str value,
			      struct tus_metadata *ret) MUST_CHECK;
/* The same the other way round. */
struct str tus_headers_write_metadata(struct arena *arena, const struct tus_metadata *metadata);

/* Upload-Checksum: "sha1 base64". ERR_INVALID. Empty: none is wanted. */
enum err tus_headers_checksum(struct arena *arena, struct str value,
			      struct upload_checksum *ret) MUST_CHECK;
/* Tus-Checksum-Algorithm: "sha256,sha1". */
struct str tus_headers_algorithms(struct arena *arena);
/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7). */
struct str tus_headers_date(struct arena *arena, int64_t utc_ms);

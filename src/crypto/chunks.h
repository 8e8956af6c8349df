/* A part of a file, encrypted while it streams (ARCHITECTURE, Keys; P5.2). A file is kept as a row
 * of parts, each stored once and whole (store/blob.h).
 *
 *   of a part        |  1 MiB  |  1 MiB  |  1 byte to 1 MiB |
 *   stored           | cipher, tag 16 | cipher, tag | cipher, tag | and of the last part: tag 16
 *
 * The part's key is derived from the file's key and the part's id, and each try to store a part has
 * a new id: so no nonce ever occurs twice under one key, however often an upload is cut and sent
 * again. Nonce: number of the chunk in its part. Associated data: the context ("file.chunk", part,
 * file, offset of the chunk in the file), then a byte: 1 for the end of the file, else 0. The end
 * is a chunk of its own without a plaintext: a file that was cut short has none.
 */
#pragma once

#include "base/buf.h"
#include "base/id.h"
#include "crypto/secret.h"

enum { CHUNK_BYTES = 1 << 20, CHUNK_TAG_BYTES = 16 };

struct chunk_part {
	struct id file_id;
	struct id part_id;
	int64_t offset; /* of its first byte in the file */
};

/* What a part takes when it is stored. */
int64_t chunks_stored_bytes(int64_t plain_bytes, bool is_last);

struct chunk_writer;
enum err chunk_writer_new(const struct secret *file_key, const struct chunk_part *part,
			  struct chunk_writer **ret) MUST_CHECK;
/* Adds the ciphertext of `plain` to `out`, at once: at most plain.len and a tag for each MiB. */
enum err chunk_writer_add(struct chunk_writer *writer, struct str plain,
			  struct buf *out) MUST_CHECK;
/* Plaintext in whole chunks so far, and what that is stored as: where a part whose connection was
 * cut ends. */
int64_t chunk_writer_whole_bytes(const struct chunk_writer *writer);
int64_t chunk_writer_whole_stored_bytes(const struct chunk_writer *writer);
/* Closes a chunk that is not full; and the file, if it ends here. Nothing may be added after it. */
enum err chunk_writer_end(struct chunk_writer *writer, bool is_last, struct buf *out) MUST_CHECK;
/* NULL is fine. */
void chunk_writer_free(struct chunk_writer *writer);

struct chunk_reader;
enum err chunk_reader_new(const struct secret *file_key, const struct chunk_part *part,
			  struct chunk_reader **ret) MUST_CHECK;
/* Opens chunk `number` of the part; writes stored.len - CHUNK_TAG_BYTES bytes, which may lie where
 * it was read from. ERR_CORRUPT: some byte is not the one written; nothing is given then. */
enum err chunk_reader_open(struct chunk_reader *reader, int64_t number, struct str stored,
			   uint8_t *ret_plain) MUST_CHECK;
/* Checks the tag behind the last part, of plain_bytes in all. */
enum err chunk_reader_check_end(struct chunk_reader *reader, int64_t plain_bytes,
				struct str tag) MUST_CHECK;
/* NULL is fine. */
void chunk_reader_free(struct chunk_reader *reader);

#include "crypto/chunks.h"

#include "base/log.h"
#include "crypto/context.h"
#include "crypto/digest.h"
#include "crypto/gcm.h"

#include <endian.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)CHUNK_TAG_BYTES == (int)GCM_TAG_BYTES, "the picture in chunks.h");

/* No part is near it: numbers of chunks, and what is computed from them, stay far from overflow. */
static const int64_t max_bytes = INT64_C(1) << 60;

int64_t chunks_stored_bytes(int64_t plain_bytes, bool is_last)
{
	int64_t chunks = plain_bytes / CHUNK_BYTES + (plain_bytes % CHUNK_BYTES > 0);
	return plain_bytes + (chunks + is_last) * CHUNK_TAG_BYTES;
}

static enum err derive(const struct secret *file_key, const struct chunk_part *part,
		       struct secret **ret)
{
	char purpose[sizeof("file.part ") + ID_CHARS];
	if (part->offset < 0 || part->offset > max_bytes)
		return ERR_INVALID;
	snprintf(purpose, sizeof(purpose), "file.part %s", part->part_id.text);
	return key_derive(file_key, purpose, ret);
}

/* What is bound to the chunk that begins `at` bytes into its part. */
struct binding {
	uint8_t nonce[GCM_NONCE_BYTES];
	uint8_t data[CONTEXT_MAX_BYTES + 1];
	size_t data_len;
};

static enum err bind(const struct chunk_part *part, int64_t number, int64_t at, bool is_end,
		     struct binding *ret)
{
	const struct context context = {.purpose = "file.chunk",
					.object = id_str(&part->part_id),
					.holder = id_str(&part->file_id),
					.version = part->offset + at};
	const uint64_t big_endian = htobe64((uint64_t)number);
	size_t len = context_encode(&context, ret->data);
	if (len == 0)
		return ERR_INTERNAL;
	ret->data[len] = is_end;
	ret->data_len = len + 1;
	memset(ret->nonce, 0, sizeof(ret->nonce));
	memcpy(ret->nonce + sizeof(ret->nonce) - sizeof(big_endian), &big_endian,
	       sizeof(big_endian));
	return OK;
}

/* ---- writing ---- */

/* The key schedule of the part lies in OpenSSL's memory while the writer is there, and is wiped
 * with it. */
struct chunk_writer {
	EVP_CIPHER_CTX *context;
	struct chunk_part part;
	int64_t chunks;    /* closed */
	int64_t bytes;     /* plaintext in all */
	size_t open_bytes; /* of these in the chunk that is not closed yet */
	bool is_over;      /* ended, or failed: no nonce may be taken again */
};

static enum err set_key(struct chunk_writer *writer, const struct secret *key)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	writer->context = EVP_CIPHER_CTX_new();
	bool is_set = cipher && writer->context &&
		      EVP_EncryptInit_ex2(writer->context, cipher, key->bytes, NULL, NULL);
	EVP_CIPHER_free(cipher); /* the context holds on to it */
	return is_set ? OK : ERR_UNAVAILABLE;
}

enum err chunk_writer_new(const struct secret *file_key, const struct chunk_part *part,
			  struct chunk_writer **ret)
{
	struct secret *key CLEANUP_SECRET = NULL;
	TRY(derive(file_key, part, &key));
	struct chunk_writer *writer = calloc(1, sizeof(*writer));
	if (writer == NULL)
		return ERR_UNAVAILABLE;
	writer->part = *part;
	enum err err = set_key(writer, key);
	if (err != OK)
		chunk_writer_free(writer);
	else
		*ret = writer;
	return err;
}

void chunk_writer_free(struct chunk_writer *writer)
{
	if (writer == NULL)
		return;
	EVP_CIPHER_CTX_free(writer->context);
	free(writer);
}

static enum err failed(struct chunk_writer *writer, enum err err)
{
	writer->is_over = true;
	if (err == ERR_INTERNAL)
		log_event(LOG_ERROR, "chunks.encrypt_failed");
	return err;
}

static bool begin_chunk(struct chunk_writer *writer, bool is_end)
{
	struct binding binding;
	int len;
	return bind(&writer->part, writer->chunks, writer->bytes, is_end, &binding) == OK &&
	       EVP_EncryptInit_ex2(writer->context, NULL, NULL, binding.nonce, NULL) &&
	       EVP_EncryptUpdate(writer->context, NULL, &len, binding.data, (int)binding.data_len);
}

/* The room is reserved. */
static bool close_chunk(struct chunk_writer *writer, struct buf *out)
{
	uint8_t none[GCM_TAG_BYTES];
	int len;
	if (!EVP_EncryptFinal_ex(writer->context, none, &len) ||
	    !EVP_CIPHER_CTX_ctrl(writer->context, EVP_CTRL_AEAD_GET_TAG, CHUNK_TAG_BYTES,
				 out->data + out->len))
		return false;
	out->len += CHUNK_TAG_BYTES;
	writer->chunks++;
	writer->open_bytes = 0;
	return true;
}

/* As much of `plain` as goes into the open chunk, or into a new one. */
static bool fill_chunk(struct chunk_writer *writer, struct str plain, struct buf *out)
{
	int len;
	if (writer->open_bytes == 0 && !begin_chunk(writer, false))
		return false;
	if (!EVP_EncryptUpdate(writer->context, (uint8_t *)out->data + out->len, &len,
			       (const uint8_t *)plain.data, (int)plain.len))
		return false;
	out->len += plain.len;
	writer->open_bytes += plain.len;
	writer->bytes += (int64_t)plain.len;
	return writer->open_bytes < CHUNK_BYTES || close_chunk(writer, out);
}

enum err chunk_writer_add(struct chunk_writer *writer, struct str plain, struct buf *out)
{
	if (writer->is_over)
		return ERR_INTERNAL;
	if (plain.len > (size_t)(max_bytes - writer->bytes))
		return failed(writer, ERR_TOO_LARGE);
	size_t tags = (writer->open_bytes + plain.len) / CHUNK_BYTES;
	if (plain.len > 0 && buf_reserve(out, plain.len + tags * CHUNK_TAG_BYTES) == NULL)
		return failed(writer, out->err);
	while (plain.len > 0) {
		struct str piece = str_slice(plain, 0, CHUNK_BYTES - writer->open_bytes);
		if (!fill_chunk(writer, piece, out))
			return failed(writer, ERR_INTERNAL);
		plain = str_slice(plain, piece.len, plain.len);
	}
	return OK;
}

int64_t chunk_writer_whole_bytes(const struct chunk_writer *writer)
{
	return writer->bytes - (int64_t)writer->open_bytes;
}

int64_t chunk_writer_whole_stored_bytes(const struct chunk_writer *writer)
{
	return chunks_stored_bytes(chunk_writer_whole_bytes(writer), false);
}

enum err chunk_writer_end(struct chunk_writer *writer, bool is_last, struct buf *out)
{
	if (writer->is_over)
		return ERR_INTERNAL;
	writer->is_over = true;
	if (buf_reserve(out, 2 * CHUNK_TAG_BYTES) == NULL)
		return failed(writer, out->err);
	if (writer->open_bytes > 0 && !close_chunk(writer, out))
		return failed(writer, ERR_INTERNAL);
	if (is_last && !(begin_chunk(writer, true) && close_chunk(writer, out)))
		return failed(writer, ERR_INTERNAL);
	return OK;
}

/* ---- reading ---- */

struct chunk_reader {
	struct secret *key;
	struct chunk_part part;
};

enum err chunk_reader_new(const struct secret *file_key, const struct chunk_part *part,
			  struct chunk_reader **ret)
{
	struct chunk_reader *reader = calloc(1, sizeof(*reader));
	if (reader == NULL)
		return ERR_UNAVAILABLE;
	reader->part = *part;
	enum err err = derive(file_key, part, &reader->key);
	if (err != OK)
		chunk_reader_free(reader);
	else
		*ret = reader;
	return err;
}

void chunk_reader_free(struct chunk_reader *reader)
{
	if (reader == NULL)
		return;
	secret_free(reader->key);
	free(reader);
}

static enum err open_bound(struct chunk_reader *reader, int64_t number, int64_t at, bool is_end,
			   struct str stored, uint8_t *ret_plain)
{
	struct binding binding;
	TRY(bind(&reader->part, number, at, is_end, &binding));
	return gcm_decrypt(reader->key, binding.nonce, str_bytes(binding.data, binding.data_len),
			   stored, ret_plain);
}

enum err chunk_reader_open(struct chunk_reader *reader, int64_t number, struct str stored,
			   uint8_t *ret_plain)
{
	if (number < 0 || number > max_bytes / CHUNK_BYTES || stored.len <= CHUNK_TAG_BYTES ||
	    stored.len > CHUNK_BYTES + CHUNK_TAG_BYTES)
		return ERR_CORRUPT;
	return open_bound(reader, number, number * CHUNK_BYTES, false, stored, ret_plain);
}

enum err chunk_reader_check_end(struct chunk_reader *reader, int64_t plain_bytes, struct str tag)
{
	uint8_t none[1];
	if (plain_bytes < 0 || plain_bytes > max_bytes || tag.len != CHUNK_TAG_BYTES)
		return ERR_CORRUPT;
	int64_t chunks = plain_bytes / CHUNK_BYTES + (plain_bytes % CHUNK_BYTES > 0);
	return open_bound(reader, chunks, plain_bytes, true, tag, none);
}

/* What is said of a file: its name and type, cleaned when they come in, encrypted when stored.
 *
 *   under the file key (files.head)         name, type
 *   under the message key (message_files)   name, type, size, SHA-256, scan: so that a message
 *                                           shows them without opening a key for each
 */
#pragma once

#include "core/form_errors.h"
#include "crypto/hashing.h"
#include "store/message_files.h"

struct file_head {
	struct str name;
	struct str type; /* "application/pdf"; "application/octet-stream" for what is none */
	int64_t bytes;
	uint8_t sha256[SHA256_BYTES];
	enum file_scan scan;
};

/* A name as it may be stored and shown: NFC, the last part of a path, without control characters,
 * line breaks or signs that change the direction of writing, shortened to LIMIT_FILE_NAME_BYTES
 * with its ending kept; never empty ("file" in the acting person's language). A mangled name is no
 * reason to refuse a file. ERR_UNAVAILABLE only. */
enum err file_head_clean_name(struct cx *cx, struct str typed, struct str *ret) MUST_CHECK;
/* "type/subtype" in lower case; anything else becomes application/octet-stream. */
struct str file_head_clean_type(struct cx *cx, struct str typed);
/* The part after the last dot, in lower case; empty: none. */
struct str file_head_ending(struct cx *cx, struct str name);

enum err file_head_encrypt(struct cx *cx, const struct id *file_id, const struct secret *file_key,
			   const struct file_head *head, struct str *ret) MUST_CHECK;
/* Fills name and type. ERR_CORRUPT. */
enum err file_head_decrypt(struct cx *cx, const struct id *file_id, const struct secret *file_key,
			   struct str cipher, struct file_head *ret) MUST_CHECK;
enum err file_head_encrypt_digest(struct cx *cx, const struct id *file_id,
				  const struct secret *file_key, const struct file_head *head,
				  struct str *ret) MUST_CHECK;
/* Fills bytes and sha256: ERR_CORRUPT also when the size is another than the row's. */
enum err file_head_decrypt_digest(struct cx *cx, const struct file *file,
				  const struct secret *file_key, struct file_head *ret) MUST_CHECK;
enum err file_head_encrypt_in_message(struct cx *cx, const struct id *message_id,
				      const struct id *file_id, const struct secret *message_key,
				      const struct file_head *head, struct str *ret) MUST_CHECK;
enum err file_head_decrypt_in_message(struct cx *cx, const struct id *message_id,
				      const struct id *file_id, const struct secret *message_key,
				      struct str cipher, struct file_head *ret) MUST_CHECK;

/* "none", "clean", "infected", "unknown": for scripts. */
const char *file_head_scan_word(enum file_scan scan);
/* The SHA-256 as hexadecimal digits. */
struct str file_head_sum(struct cx *cx, const struct file_head *head);

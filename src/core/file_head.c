#include "core/file_head.h"

#include "base/encode.h"
#include "base/limits.h"
#include "core/packed.h"
#include "crypto/aead.h"

#include <string.h>

/* Names are short, but a translation of "file" may be as long as it likes. */
enum { HEAD_FORMAT = 1, HEAD_MAX_BYTES = 4 * (LIMIT_FILE_NAME_BYTES + LIMIT_FILE_TYPE_BYTES) };

static struct context file_context(const char *purpose, const struct id *file_id)
{
	return (struct context){.purpose = purpose, .object = id_str(file_id), .version = 1};
}

static struct context message_context(const struct id *message_id, const struct id *file_id)
{
	return (struct context){
		.purpose = "message.file",
		.object = id_str(message_id),
		.holder = id_str(file_id),
		.version = 1,
	};
}

static void begin(struct buf *out)
{
	buf_init(out, HEAD_MAX_BYTES);
	buf_add_char(out, HEAD_FORMAT);
}

static void add_digest(struct buf *out, const struct file_head *head)
{
	packed_add_int64(out, head->bytes);
	buf_add(out, str_bytes(head->sha256, sizeof(head->sha256)));
}

static void read_digest(struct packed *packed, struct file_head *head)
{
	head->bytes = packed_int64(packed);
	struct str sha256 = packed_bytes(packed, sizeof(head->sha256));
	if (sha256.len > 0)
		memcpy(head->sha256, sha256.data, sizeof(head->sha256));
}

static enum err finish(struct cx *cx, const struct buf *plain, const struct context *context,
		       const struct secret *key, struct str *ret)
{
	TRY(plain->err);
	return aead_encrypt(key, context, buf_str(plain), cx->arena, ret);
}

enum err file_head_encrypt(struct cx *cx, const struct id *file_id, const struct secret *file_key,
			   const struct file_head *head, struct str *ret)
{
	struct context context = file_context("file.head", file_id);
	struct buf plain CLEANUP_BUF;
	begin(&plain);
	packed_add_text(&plain, head->name);
	packed_add_text(&plain, head->type);
	return finish(cx, &plain, &context, file_key, ret);
}

enum err file_head_decrypt(struct cx *cx, const struct id *file_id, const struct secret *file_key,
			   struct str cipher, struct file_head *ret)
{
	struct context context = file_context("file.head", file_id);
	struct str plain;
	TRY(aead_decrypt(file_key, &context, cipher, cx->arena, &plain));
	struct packed packed = packed_begin(plain, HEAD_FORMAT);
	struct str name = packed_text(&packed);
	struct str type = packed_text(&packed);
	if (!packed_is_whole(&packed))
		return ERR_CORRUPT;
	ret->name = name;
	ret->type = type;
	return OK;
}

enum err file_head_encrypt_digest(struct cx *cx, const struct id *file_id,
				  const struct secret *file_key, const struct file_head *head,
				  struct str *ret)
{
	struct context context = file_context("file.digest", file_id);
	struct buf plain CLEANUP_BUF;
	begin(&plain);
	add_digest(&plain, head);
	return finish(cx, &plain, &context, file_key, ret);
}

enum err file_head_decrypt_digest(struct cx *cx, const struct file *file,
				  const struct secret *file_key, struct file_head *ret)
{
	struct context context = file_context("file.digest", &file->id);
	struct str plain;
	TRY(aead_decrypt(file_key, &context, file->digest, cx->arena, &plain));
	struct packed packed = packed_begin(plain, HEAD_FORMAT);
	struct file_head head = *ret;
	read_digest(&packed, &head);
	if (!packed_is_whole(&packed) || head.bytes != file->bytes)
		return ERR_CORRUPT;
	*ret = head;
	return OK;
}

enum err file_head_encrypt_in_message(struct cx *cx, const struct id *message_id,
				      const struct id *file_id, const struct secret *message_key,
				      const struct file_head *head, struct str *ret)
{
	struct context context = message_context(message_id, file_id);
	struct buf plain CLEANUP_BUF;
	begin(&plain);
	packed_add_text(&plain, head->name);
	packed_add_text(&plain, head->type);
	add_digest(&plain, head);
	packed_add_int(&plain, head->scan);
	return finish(cx, &plain, &context, message_key, ret);
}

enum err file_head_decrypt_in_message(struct cx *cx, const struct id *message_id,
				      const struct id *file_id, const struct secret *message_key,
				      struct str cipher, struct file_head *ret)
{
	struct context context = message_context(message_id, file_id);
	struct str plain;
	TRY(aead_decrypt(message_key, &context, cipher, cx->arena, &plain));
	struct packed packed = packed_begin(plain, HEAD_FORMAT);
	struct file_head head = {.name = packed_text(&packed)};
	head.type = packed_text(&packed);
	read_digest(&packed, &head);
	uint32_t scan = packed_int(&packed);
	head.scan = (enum file_scan)scan;
	if (!packed_is_whole(&packed) || scan > FILE_SCAN_UNKNOWN)
		return ERR_CORRUPT;
	*ret = head;
	return OK;
}

const char *file_head_scan_word(enum file_scan scan)
{
	switch (scan) {
	case FILE_SCAN_NONE: return "none";
	case FILE_SCAN_CLEAN: return "clean";
	case FILE_SCAN_INFECTED: return "infected";
	case FILE_SCAN_UNKNOWN: return "unknown";
	}
	return "unknown";
}

struct str file_head_sum(struct cx *cx, const struct file_head *head)
{
	return encode_hex(cx->arena, str_bytes(head->sha256, sizeof(head->sha256)));
}

#include "core/signing_crypt.h"

#include "base/limits.h"
#include "core/packed.h"
#include "crypto/aead.h"
#include "crypto/digest.h"

#include <stdio.h>
#include <string.h>

enum { HEAD_FORMAT = 1, DETAIL_FORMAT = 1, DETAIL_BYTES = 64 * 1024 };

enum err signing_crypt_key(const struct secret *message_key, struct secret **ret)
{
	return key_derive(message_key, "message.signing", ret);
}

/* ---- the plan ---- */

static struct context plan_context(const struct id *message_id)
{
	return (struct context){
		.purpose = "signing.plan", .object = id_str(message_id), .version = 1};
}

enum err signing_crypt_plan(struct cx *cx, const struct id *message_id, const struct secret *key,
			    struct str plain, struct str *ret)
{
	struct context context = plan_context(message_id);
	return aead_encrypt(key, &context, plain, cx->arena, ret);
}

enum err signing_crypt_plan_open(struct cx *cx, const struct signing *signing,
				 const struct secret *key, struct str *ret)
{
	struct context context = plan_context(&signing->message_id);
	return aead_decrypt(key, &context, signing->plan, cx->arena, ret);
}

/* ---- documents ---- */

static struct context file_context(const char *purpose, const struct signing_file *file)
{
	return (struct context){
		.purpose = purpose,
		.object = id_str(&file->message_id),
		.holder = id_str(&file->file_id),
		.version = file->revision,
	};
}

static void add_sum(struct buf *out, const uint8_t sum[SIGNING_SHA256_BYTES])
{
	buf_add(out, str_bytes(sum, SIGNING_SHA256_BYTES));
}

static void read_sum(struct packed *packed, uint8_t ret[SIGNING_SHA256_BYTES])
{
	struct str sum = packed_bytes(packed, SIGNING_SHA256_BYTES);
	if (sum.len == SIGNING_SHA256_BYTES)
		memcpy(ret, sum.data, sum.len);
}

enum err signing_crypt_file(struct cx *cx, const struct secret *key,
			    const struct secret *version_key, const struct signing_head *head,
			    struct signing_file *file)
{
	struct buf plain CLEANUP_BUF;
	struct context key_context = file_context("signing.key", file);
	struct context head_context = file_context("signing.head", file);
	buf_init(&plain, DETAIL_BYTES);
	buf_add_char(&plain, HEAD_FORMAT);
	packed_add_text(&plain, head->name);
	packed_add_int64(&plain, head->pages);
	packed_add_int64(&plain, head->original_bytes);
	packed_add_int64(&plain, head->bytes);
	add_sum(&plain, head->original_sha256);
	add_sum(&plain, head->sha256);
	TRY(plain.err);
	TRY(key_wrap(key, &key_context, version_key, cx->arena, &file->key));
	return aead_encrypt(key, &head_context, buf_str(&plain), cx->arena, &file->head);
}

enum err signing_crypt_head_open(struct cx *cx, const struct signing_file *file,
				 const struct secret *key, struct signing_head *ret)
{
	struct context context = file_context("signing.head", file);
	struct str plain;
	TRY(aead_decrypt(key, &context, file->head, cx->arena, &plain));
	struct packed packed = packed_begin(plain, HEAD_FORMAT);
	struct signing_head head = {.name = packed_text(&packed)};
	head.pages = packed_int64(&packed);
	head.original_bytes = packed_int64(&packed);
	head.bytes = packed_int64(&packed);
	read_sum(&packed, head.original_sha256);
	read_sum(&packed, head.sha256);
	*ret = head;
	return packed_is_whole(&packed) ? OK : ERR_CORRUPT;
}

enum err signing_crypt_version_key(const struct signing_file *file, const struct secret *key,
				   struct secret **ret)
{
	struct context context = file_context("signing.key", file);
	return key_unwrap(key, &context, file->key, ret);
}

/* ---- events ---- */

/* Of one that is copied to another time, person or kind it does not open. */
struct event_name {
	char text[ID_CHARS + sizeof("/-9223372036854775808")];
};

static struct context event_context(const struct signing_event *event, struct event_name *name)
{
	snprintf(name->text, sizeof(name->text), "%s/%lld", event->message_id.text,
		 (long long)event->kind);
	return (struct context){
		.purpose = "signing.event",
		.object = str_of(name->text),
		.holder = id_str(&event->user_id),
		.version = event->at_ms,
	};
}

static void add_changes(struct buf *out, const struct signing_detail *detail)
{
	packed_add_int(out, (uint32_t)detail->change_count);
	for (size_t i = 0; i < detail->change_count; i++) {
		packed_add_int64(out, detail->changes[i].position);
		add_sum(out, detail->changes[i].before);
		add_sum(out, detail->changes[i].after);
		packed_add_int64(out, detail->changes[i].stamped_ms);
	}
}

enum err signing_crypt_event(struct cx *cx, const struct secret *key,
			     const struct signing_detail *detail, struct signing_event *event)
{
	struct buf plain CLEANUP_BUF;
	struct event_name name;
	struct context context = event_context(event, &name);
	buf_init(&plain, DETAIL_BYTES);
	buf_add_char(&plain, DETAIL_FORMAT);
	packed_add_text(&plain, detail->name);
	packed_add_text(&plain, detail->address);
	packed_add_text(&plain, detail->remote);
	packed_add_text(&plain, detail->user_agent);
	packed_add_int64(&plain, detail->proof_kind);
	packed_add_int64(&plain, detail->proof_ms);
	packed_add_text(&plain, detail->proof);
	packed_add_text(&plain, detail->consent);
	packed_add_text(&plain, detail->reason);
	packed_add_int(&plain, detail->has_password);
	add_changes(&plain, detail);
	TRY(plain.err);
	return aead_encrypt(key, &context, buf_str(&plain), cx->arena, &event->detail);
}

static enum err read_changes(struct cx *cx, struct packed *packed, struct signing_detail *detail)
{
	size_t count = packed_int(packed);
	if (packed->is_bad || count > LIMIT_SIGNING_FILES)
		return ERR_CORRUPT;
	struct signing_change *changes = ARENA_ARRAY(cx->arena, count + 1, struct signing_change);
	if (changes == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		changes[i].position = packed_int64(packed);
		read_sum(packed, changes[i].before);
		read_sum(packed, changes[i].after);
		changes[i].stamped_ms = packed_int64(packed);
	}
	detail->changes = changes;
	detail->change_count = count;
	return packed_is_whole(packed) ? OK : ERR_CORRUPT;
}

enum err signing_crypt_event_open(struct cx *cx, const struct signing_event *event,
				  const struct secret *key, struct signing_detail *ret)
{
	struct event_name name;
	struct context context = event_context(event, &name);
	struct str plain;
	*ret = (struct signing_detail){.has_password = false};
	if (event->detail.len == 0)
		return OK;
	TRY(aead_decrypt(key, &context, event->detail, cx->arena, &plain));
	struct packed packed = packed_begin(plain, DETAIL_FORMAT);
	ret->name = packed_text(&packed);
	ret->address = packed_text(&packed);
	ret->remote = packed_text(&packed);
	ret->user_agent = packed_text(&packed);
	ret->proof_kind = packed_int64(&packed);
	ret->proof_ms = packed_int64(&packed);
	ret->proof = packed_text(&packed);
	ret->consent = packed_text(&packed);
	ret->reason = packed_text(&packed);
	ret->has_password = packed_int(&packed) == 1;
	return read_changes(cx, &packed, ret);
}

#include "core/search_text.h"

#include "base/buf.h"
#include "base/limits.h"
#include "core/plain_text.h"
#include "core/search_fold.h"

#include <string.h>

enum {
	TEXT_FORMAT = 1,
	INT_BYTES = 4,
	HEAD_BYTES = 1 + ID_BYTES + 2 * INT_BYTES,
	PERSON_BYTES = 1 + ID_BYTES,
	TEXT_MAX_BYTES = LIMIT_FOLDED_BYTES + (1 << 20),
};

static void put_int(struct buf *out, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_add_char(out, (char)(value >> shift & 0xff));
}

static uint32_t get_int(struct str bytes, size_t at)
{
	uint32_t value = 0;
	for (size_t i = 0; i < INT_BYTES; i++)
		value = value << 8 | (unsigned char)bytes.data[at + i];
	return value;
}

static void put_people(struct buf *out, const struct delivery *deliveries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t id[ID_BYTES];
		if (deliveries[i].kind == RECIPIENT_FROM || deliveries[i].kind >= RECIPIENT_KINDS)
			continue;
		id_to_bytes(&deliveries[i].user_id, id);
		buf_add_char(out, (char)deliveries[i].kind);
		buf_add(out, str_bytes(id, sizeof(id)));
	}
}

static uint32_t count_people(const struct delivery *deliveries, size_t count)
{
	uint32_t people = 0;
	for (size_t i = 0; i < count; i++)
		people += deliveries[i].kind != RECIPIENT_FROM &&
			  deliveries[i].kind < RECIPIENT_KINDS;
	return people;
}

static enum err put_folded(struct arena *arena, struct buf *out, struct str text)
{
	struct str folded;
	TRY(search_fold(arena, text, &folded));
	buf_add(out, folded);
	return OK;
}

static enum err put_files(struct arena *arena, struct buf *out,
			  const struct attachments *attachments)
{
	for (size_t i = 0; attachments && i < attachments->count; i++) {
		buf_add_char(out, 1);
		TRY(put_folded(arena, out, attachments->items[i].head.name));
	}
	return OK;
}

enum err search_text_write(struct arena *arena, const struct search_source *source, struct str *ret)
{
	bool is_confidential = (source->message->options & OPTION_CONFIDENTIAL) != 0;
	const struct attachments *attachments = is_confidential ? NULL : source->attachments;
	struct buf out CLEANUP_BUF;
	uint8_t sender[ID_BYTES];
	buf_init(&out, TEXT_MAX_BYTES);
	id_to_bytes(&source->message->sender_id, sender);
	buf_add_char(&out, TEXT_FORMAT);
	buf_add(&out, str_bytes(sender, sizeof(sender)));
	put_int(&out, count_people(source->deliveries, source->delivery_count));
	put_int(&out, attachments ? (uint32_t)attachments->count : 0);
	put_people(&out, source->deliveries, source->delivery_count);
	TRY(put_folded(arena, &out, source->subject));
	buf_add_char(&out, 1);
	if (!is_confidential) {
		struct str plain;
		TRY(plain_text(arena, source->body, &plain));
		TRY(put_folded(arena, &out, plain));
	}
	TRY(put_files(arena, &out, attachments));
	TRY(out.err);
	*ret = arena_copy(arena, buf_str(&out));
	return arena->failed ? ERR_UNAVAILABLE : OK;
}

enum err search_text_read(struct str bytes, struct search_text *ret)
{
	if (bytes.len < HEAD_BYTES || bytes.data[0] != TEXT_FORMAT)
		return ERR_CORRUPT;
	size_t people = get_int(bytes, 1 + ID_BYTES);
	if (people > (bytes.len - HEAD_BYTES) / PERSON_BYTES)
		return ERR_CORRUPT;
	size_t text_at = HEAD_BYTES + people * PERSON_BYTES;
	*ret = (struct search_text){
		.sender_id = id_from_bytes((const uint8_t *)bytes.data + 1),
		.people_count = people,
		.people = str_slice(bytes, HEAD_BYTES, people * PERSON_BYTES),
		.file_count = get_int(bytes, 1 + ID_BYTES + INT_BYTES),
		.text = str_slice(bytes, text_at, bytes.len),
	};
	return OK;
}

struct search_person search_text_person(const struct search_text *text, size_t i)
{
	const char *bytes = text->people.data + i * PERSON_BYTES;
	return (struct search_person){
		.kind = (enum recipient_kind)bytes[0],
		.user_id = id_from_bytes((const uint8_t *)bytes + 1),
	};
}

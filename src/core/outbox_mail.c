#include "core/outbox_mail.h"

#include "base/buf.h"
#include "crypto/aead.h"

/* Content: format byte 1, then each field as 4 bytes of length (big-endian) and its bytes, in the
 * order of this table. Format 2 has behind them what it is about, and of how many documents,
 * as one byte each; format 3 two more fields, its words. */
enum {
	FIELD_COUNT = 7,
	CONTENT_MAX_BYTES = 32 * 1024,
	FORMAT_PLAIN = 1,
	FORMAT_ABOUT = 2,
	FORMAT_WORDS = 3,
};

static struct context context_of(const struct mail_row *mail)
{
	return (struct context){
		.purpose = "mail.content",
		.object = id_str(&mail->id),
		.holder = id_str(&mail->user_id),
		.version = mail->kind,
	};
}

static void add_field(struct buf *out, struct str field)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_add_char(out, (char)(field.len >> shift));
	buf_add(out, field);
}

static bool next_field(struct str *rest, struct str *ret)
{
	size_t len = 0;
	if (rest->len < 4)
		return false;
	for (int i = 0; i < 4; i++)
		len = len << 8 | (unsigned char)rest->data[i];
	*rest = str_slice(*rest, 4, rest->len);
	if (len > rest->len)
		return false;
	*ret = str_slice(*rest, 0, len);
	*rest = str_slice(*rest, len, rest->len);
	return true;
}

static char format_of(const struct outbox_letter *letter)
{
	if (letter->kind == MAIL_TEST)
		return FORMAT_WORDS;
	return letter->about == ABOUT_MESSAGE ? FORMAT_PLAIN : FORMAT_ABOUT;
}

enum err outbox_mail_prepare(struct cx *cx, const struct outbox_letter *letter,
			     struct mail_row *ret)
{
	struct buf plain CLEANUP_BUF;
	int64_t now_ms = cx_now_ms(cx);
	struct mail_row mail = {
		.id = id_new(now_ms),
		.kind = letter->kind,
		.user_id = letter->to->id,
		.message_id = letter->message_id,
		.state = MAIL_QUEUED,
		.created_ms = now_ms,
		.next_ms = now_ms,
	};
	buf_init(&plain, CONTENT_MAX_BYTES);
	buf_add_char(&plain, format_of(letter));
	add_field(&plain, letter->to->address);
	add_field(&plain, letter->to->name);
	add_field(&plain, letter->from_name);
	add_field(&plain, cx->portal->settings->is_subject_in_mail ? letter->subject : STR_NONE);
	add_field(&plain, letter->link);
	add_field(&plain, letter->to->language);
	add_field(&plain, arena_printf(cx->arena, "%lld", (long long)letter->expires_ms));
	if (format_of(letter) == FORMAT_ABOUT) {
		buf_add_char(&plain, (char)letter->about);
		buf_add_char(&plain, (char)letter->documents);
	}
	if (format_of(letter) == FORMAT_WORDS) {
		add_field(&plain, letter->own_subject);
		add_field(&plain, letter->own_body);
	}
	if (plain.err != OK)
		return plain.err;
	struct context context = context_of(&mail);
	TRY(aead_encrypt(cx->portal->queue_key, &context, buf_str(&plain), cx->arena,
			 &mail.content));
	*ret = mail;
	return OK;
}

/* What is left behind the fields. */
static enum err read_about(struct str rest, char format, struct outbox_content *ret)
{
	ret->about = ABOUT_MESSAGE;
	ret->documents = 0;
	ret->own_subject = ret->own_body = STR_NONE;
	if (format == FORMAT_PLAIN)
		return OK;
	if (format == FORMAT_WORDS)
		return next_field(&rest, &ret->own_subject) && next_field(&rest, &ret->own_body)
			       ? OK
			       : ERR_CORRUPT;
	if (rest.len != 2 || rest.data[0] <= ABOUT_MESSAGE || rest.data[0] >= MAIL_ABOUTS)
		return ERR_CORRUPT;
	ret->about = (enum mail_about)rest.data[0];
	ret->documents = (unsigned char)rest.data[1];
	return OK;
}

enum err outbox_mail_open(struct cx *cx, const struct mail_row *mail, struct outbox_content *ret)
{
	struct str plain, expires;
	struct context context = context_of(mail);
	TRY(aead_decrypt(cx->portal->queue_key, &context, mail->content, cx->arena, &plain));
	if (plain.len == 0 || plain.data[0] < FORMAT_PLAIN || plain.data[0] > FORMAT_WORDS)
		return ERR_CORRUPT;
	struct str rest = str_slice(plain, 1, plain.len);
	struct outbox_content content;
	struct str *const fields[FIELD_COUNT] = {
		&content.to_address, &content.to_name,  &content.from_name, &content.subject,
		&content.link,       &content.language, &expires,
	};
	for (int i = 0; i < FIELD_COUNT; i++)
		if (!next_field(&rest, fields[i]))
			return ERR_CORRUPT;
	if (!str_to_int(expires, &content.expires_ms))
		return ERR_CORRUPT;
	TRY(read_about(rest, plain.data[0], &content));
	*ret = content;
	return OK;
}

void outbox_mail_wake(const struct portal *portal)
{
	if (portal->mail_waiting)
		portal->mail_waiting(portal->mail_argument);
}

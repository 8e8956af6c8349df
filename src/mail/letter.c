#include "mail/letter.h"

#include "core/address.h"
#include "mail/header.h"
#include "mail/mail_text.h"
#include "mail/mime.h"

struct str letter_host(struct str portal_url)
{
	ptrdiff_t scheme = str_find(portal_url, STR("://"));
	size_t start = scheme < 0 ? 0 : (size_t)scheme + 3, end = start;
	while (end < portal_url.len && portal_url.data[end] != ':' && portal_url.data[end] != '/')
		end++;
	struct str host = str_slice(portal_url, start, end - start);
	return str_starts_with(host, STR("[")) ? STR("localhost") : host;
}

/* The domain in ASCII, so that only a local part in other letters needs SMTPUTF8 (RFC 6531); the
 * local part as typed, because only its own server knows whether capitals matter. */
static enum err wire_address(struct arena *arena, struct str typed, struct str *ret)
{
	struct address address;
	TRY(address_parse(arena, typed, &address));
	size_t local = address.text.len;
	while (local > 0 && address.text.data[local - 1] != '@')
		local--;
	struct str wire = arena_printf(arena, "%.*s%.*s", (int)local, address.text.data,
				       STR_ARGS(address.domain));
	if (!header_is_address(wire))
		return arena->failed ? ERR_UNAVAILABLE : ERR_INVALID;
	*ret = wire;
	return OK;
}

enum err letter_make(struct cx *cx, const struct outbox_mail *mail, struct str from,
		     bool is_8bit_carried, struct letter *ret)
{
	const struct settings *settings = cx->portal->settings;
	struct letter letter = {.id = mail->id};
	struct mail_text text;
	TRY(wire_address(cx->arena, from, &letter.from));
	TRY(wire_address(cx->arena, mail->to_address, &letter.to));
	TRY(mail_text_make(cx->arena, settings->name, mail, &text));
	const struct mime_message message = {
		.id = mail->id,
		.date_ms = cx_now_ms(cx), /* of this attempt: filters distrust mail that arrives
					     days after its date */
		.host = letter_host(settings->url),
		.from_display = text.from_display,
		.from_address = letter.from,
		.to_display = header_clean(cx->arena, mail->to_name, LIMIT_NAME_CHARS),
		.to_address = letter.to,
		.subject = text.subject,
		.body = text.body,
		.is_8bit_carried = is_8bit_carried,
	};
	TRY(mime_build(cx->arena, &message, &letter.bytes));
	*ret = letter;
	return OK;
}

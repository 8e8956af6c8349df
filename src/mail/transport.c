#include "mail/transport.h"

#include "mail/header.h"
#include "mail/mail_url.h"
#include "mail/transport_dir.h"
#include "mail/transport_smtp.h"

#include <string.h>

enum { ARENA_BYTES = 64 * 1024 };

void transport_say(struct mail_outcome *ret, enum outbox_result result, bool is_trouble,
		   struct str words)
{
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, ARENA_BYTES);
	struct str line = header_clean(&arena, str_slice(words, 0, LIMIT_MAIL_REPLY_BYTES),
				       LIMIT_MAIL_REPLY_BYTES);
	ret->result = result;
	ret->is_trouble = is_trouble;
	ret->reply_len = line.len;
	if (line.len > 0)
		memcpy(ret->reply, line.data, line.len);
}

enum err transport_open(const struct transport_options *options, struct transport **ret)
{
	struct arena arena CLEANUP_ARENA;
	struct mail_url url;
	enum text_id problem;
	arena_init(&arena, ARENA_BYTES);
	TRY(mail_url_parse(&arena, options->url, &url, &problem));
	if (url.kind == MAIL_URL_DIR)
		return transport_dir_open(url.folder, ret);
	return transport_smtp_open(options, &url, ret);
}

void transport_deliver(struct transport *transport, const struct letter *letter,
		       struct mail_outcome *ret)
{
	transport->deliver(transport, letter, ret);
}

void transport_rest(struct transport *transport)
{
	transport->rest(transport);
}

void transport_close(struct transport *transport)
{
	if (transport)
		transport->close(transport);
}

struct str transport_status(struct str reply)
{
	enum { CODE_DIGITS = 3, LONGEST = 16 }; /* RFC 3463: 5.123.123 */
	int64_t ignored;
	size_t len = CODE_DIGITS;
	if (!str_to_int(str_slice(reply, 0, CODE_DIGITS), &ignored) || reply.len < CODE_DIGITS)
		return STR_NONE;
	bool is_enhanced = reply.len > len + 2 && reply.data[len + 2] == '.' &&
			   strchr("245", reply.data[len + 1]) != NULL;
	if (is_enhanced)
		for (len++; len < reply.len && len < LONGEST &&
			    strchr("0123456789.", reply.data[len]) != NULL;)
			len++;
	return str_slice(reply, 0, len);
}

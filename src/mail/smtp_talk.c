#include "mail/smtp_talk.h"

#include "base/utf8.h"
#include "text/text.h"

#include <string.h>

enum { CODE_DIGITS = 3, CODE_CLOSING = 421, CODE_LOGIN_NEEDED = 530 };

void smtp_talk_begin(struct smtp_talk *talk, const struct letter *letter)
{
	*talk = (struct smtp_talk){
		.needs_utf8 = !utf8_is_ascii(letter->from) || !utf8_is_ascii(letter->to),
		.speaks_utf8 = talk->speaks_utf8,
	};
}

bool smtp_talk_lacks_utf8(const struct smtp_talk *talk)
{
	return talk->needs_utf8 && !talk->speaks_utf8;
}

static void forget_reply(struct smtp_talk *talk)
{
	talk->code = 0;
	talk->reply_len = 0;
}

void smtp_talk_sent(struct smtp_talk *talk, struct str line)
{
	static const struct {
		struct str verb;
		enum smtp_phase phase;
	} verbs[] = {
		{STR("MAIL "), SMTP_SENDER},
		{STR("RCPT "), SMTP_RECIPIENT},
		{STR("DATA"), SMTP_DATA},
	};
	/* libcurl says goodbye to a server that refused; the refusal is what counts. */
	talk->is_over = talk->is_over || str_starts_with(line, STR("QUIT"));
	if (talk->is_over)
		return;
	forget_reply(talk);
	talk->phase = SMTP_HELLO;
	if (str_starts_with(line, STR("EHLO")) || str_starts_with(line, STR("HELO")))
		talk->speaks_utf8 = false;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (str_starts_with(line, verbs[i].verb))
			talk->phase = verbs[i].phase;
	}
}

void smtp_talk_sent_body(struct smtp_talk *talk)
{
	if (talk->phase == SMTP_BODY)
		return;
	forget_reply(talk);
	talk->phase = SMTP_BODY;
}

/* "250 text" ends a reply, "250-text" goes on; anything else is none. */
static int64_t final_code(struct str line)
{
	int64_t code;
	if (!str_to_int(str_slice(line, 0, CODE_DIGITS), &code) || code < 100)
		return 0;
	return line.len == CODE_DIGITS || strchr(" \r\n", line.data[CODE_DIGITS]) != NULL ? code
											  : 0;
}

void smtp_talk_received(struct smtp_talk *talk, struct str line)
{
	if (talk->is_over)
		return;
	/* "250-SMTPUTF8" among what the server offers after EHLO. */
	if (talk->phase == SMTP_HELLO &&
	    str_eq_nocase(str_trim(str_slice(line, CODE_DIGITS + 1, line.len)), STR("SMTPUTF8")))
		talk->speaks_utf8 = true;
	struct str kept = str_slice(line, 0, sizeof(talk->reply) - talk->reply_len);
	if (kept.len > 0)
		memcpy(talk->reply + talk->reply_len, kept.data, kept.len);
	talk->reply_len += kept.len;
	talk->code = final_code(line);
}

static bool is_about_letter(const struct smtp_talk *talk)
{
	return talk->phase >= SMTP_RECIPIENT && talk->code != CODE_LOGIN_NEEDED &&
	       talk->code != CODE_CLOSING;
}

/* No usable words of the server: ours. */
static enum text_id words_for(CURLcode result)
{
	switch (result) {
	case CURLE_LOGIN_DENIED: return TEXT_MAIL_REPLY_LOGIN;
	case CURLE_OPERATION_TIMEDOUT: return TEXT_MAIL_REPLY_SILENT;
	case CURLE_USE_SSL_FAILED:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_PEER_FAILED_VERIFICATION: return TEXT_MAIL_REPLY_INSECURE;
	case CURLE_WEIRD_SERVER_REPLY: return TEXT_MAIL_REPLY_NONSENSE;
	default: return TEXT_MAIL_REPLY_UNREACHABLE;
	}
}

void smtp_talk_conclude(const struct smtp_talk *talk, CURLcode result, struct mail_outcome *ret)
{
	struct str reply = {talk->reply, talk->reply_len};
	if (result == CURLE_OK) {
		transport_say(ret, OUTBOX_ACCEPTED, false, reply);
		return;
	}
	bool is_refusal = talk->code >= 400 && talk->code <= 599;
	/* We broke off, or it refused what it had not offered to understand. */
	if (smtp_talk_lacks_utf8(talk) &&
	    (result == CURLE_ABORTED_BY_CALLBACK || (is_about_letter(talk) && talk->code >= 500))) {
		transport_say(ret, OUTBOX_BOUNCED, false,
			      text_get(language_find(STR("en")), TEXT_MAIL_REPLY_LETTERS));
		return;
	}
	if (is_refusal && is_about_letter(talk)) {
		transport_say(ret, talk->code >= 500 ? OUTBOX_BOUNCED : OUTBOX_RETRY, false, reply);
		return;
	}
	/* What a server says about the portal's login is no business of the people who send. */
	if (is_refusal && result != CURLE_LOGIN_DENIED) {
		transport_say(ret, OUTBOX_RETRY, true, reply);
		return;
	}
	transport_say(ret, OUTBOX_RETRY, true,
		      text_get(language_find(STR("en")), words_for(result)));
}

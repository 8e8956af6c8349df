/* What a conversation with a mail server means for the letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mail/smtp_talk.h"

#define GREETING "S:220 mail.example.com\r\n", "C:EHLO x\r\n"
#define OFFER "S:250-mail.example.com\r\n", "S:250 SMTPUTF8\r\n"
#define NO_OFFER "S:250 mail.example.com\r\n"

/* Lines of the server begin with S:, ours with C:. */
static const struct row {
	const char *sentence;
	const char *to;
	const char *lines[12];
	CURLcode result;
	enum outbox_result expected;
	bool is_trouble;
} rows[] = {
	{"accepted",
	 "anna@example.com",
	 {GREETING, NO_OFFER, "C:MAIL FROM:<p>\r\n", "S:250 ok\r\n", "C:RCPT TO:<a>\r\n",
	  "S:250 ok\r\n", "C:DATA\r\n", "S:354 go\r\n", "S:250 taken\r\n"},
	 CURLE_OK,
	 OUTBOX_ACCEPTED,
	 false},
	{"no such recipient",
	 "anna@example.com",
	 {GREETING, NO_OFFER, "C:MAIL FROM:<p>\r\n", "S:250 ok\r\n", "C:RCPT TO:<a>\r\n",
	  "S:550 no such user\r\n"},
	 CURLE_SEND_ERROR,
	 OUTBOX_BOUNCED,
	 false},
	{"a recipient is to come later",
	 "anna@example.com",
	 {GREETING, NO_OFFER, "C:MAIL FROM:<p>\r\n", "S:250 ok\r\n", "C:RCPT TO:<a>\r\n",
	  "S:451 later\r\n"},
	 CURLE_SEND_ERROR,
	 OUTBOX_RETRY,
	 false},
	{"the sender is refused for good: the portal's mistake",
	 "anna@example.com",
	 {GREETING, NO_OFFER, "C:MAIL FROM:<p>\r\n", "S:550 not you\r\n"},
	 CURLE_SEND_ERROR,
	 OUTBOX_RETRY,
	 true},
	{"the recipient is refused for want of a login",
	 "anna@example.com",
	 {GREETING, NO_OFFER, "C:MAIL FROM:<p>\r\n", "S:250 ok\r\n", "C:RCPT TO:<a>\r\n",
	  "S:530 log in first\r\n"},
	 CURLE_SEND_ERROR,
	 OUTBOX_RETRY,
	 true},
	{"the server is closing",
	 "anna@example.com",
	 {GREETING, NO_OFFER, "C:MAIL FROM:<p>\r\n", "S:250 ok\r\n", "C:RCPT TO:<a>\r\n",
	  "S:421 good night\r\n"},
	 CURLE_SEND_ERROR,
	 OUTBOX_RETRY,
	 true},
	{"what the goodbye says is not about the letter",
	 "anna@example.com",
	 {GREETING, NO_OFFER, "C:MAIL FROM:<p>\r\n", "S:250 ok\r\n", "C:RCPT TO:<a>\r\n",
	  "S:550 no such user\r\n", "C:QUIT\r\n", "S:421 x\r\n"},
	 CURLE_SEND_ERROR,
	 OUTBOX_BOUNCED,
	 false},
	{"a reply of several lines that was not ended is none",
	 "anna@example.com",
	 {GREETING, NO_OFFER, "C:MAIL FROM:<p>\r\n", "S:250 ok\r\n", "C:RCPT TO:<a>\r\n",
	  "S:550-no\r\n"},
	 CURLE_RECV_ERROR,
	 OUTBOX_RETRY,
	 true},
	{"other letters, and no offer to take them: broken off",
	 "zo\xc3\xab@example.com",
	 {GREETING, NO_OFFER, "C:MAIL FROM:<p>\r\n", "S:250 ok\r\n", "C:RCPT TO:<a>\r\n",
	  "S:250 ok\r\n"},
	 CURLE_ABORTED_BY_CALLBACK,
	 OUTBOX_BOUNCED,
	 false},
	{"other letters, offered before STARTTLS only",
	 "zo\xc3\xab@example.com",
	 {GREETING, OFFER, "C:STARTTLS\r\n", "S:220 go\r\n", "C:EHLO x\r\n", NO_OFFER,
	  "C:MAIL FROM:<p>\r\n", "S:250 ok\r\n"},
	 CURLE_ABORTED_BY_CALLBACK,
	 OUTBOX_BOUNCED,
	 false},
	{"other letters, offered: what stops us is not they",
	 "zo\xc3\xab@example.com",
	 {GREETING, OFFER, "C:MAIL FROM:<p>\r\n", "S:250 ok\r\n"},
	 CURLE_ABORTED_BY_CALLBACK,
	 OUTBOX_RETRY,
	 true},
};

static void what_was_said_decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		const struct letter letter = {.from = STR("p@example.com"), .to = str_of(row->to)};
		struct smtp_talk talk = {0};
		struct mail_outcome outcome;
		smtp_talk_begin(&talk, &letter);
		for (size_t l = 0; l < sizeof(row->lines) / sizeof(row->lines[0]); l++) {
			if (row->lines[l] == NULL)
				break;
			struct str line = str_of(row->lines[l] + 2);
			if (row->lines[l][0] == 'C')
				smtp_talk_sent(&talk, line);
			else
				smtp_talk_received(&talk, line);
		}
		smtp_talk_conclude(&talk, row->result, &outcome);
		if (outcome.result != row->expected || outcome.is_trouble != row->is_trouble)
			fail_msg("%s: %d, trouble %d: %.*s", row->sentence, outcome.result,
				 outcome.is_trouble, (int)outcome.reply_len, outcome.reply);
	}
}

/* A second letter on the same connection: what was offered holds. */
static void an_offer_holds_for_the_connection(void **state)
{
	const struct letter letter = {.from = STR("p@example.com"),
				      .to = STR("zo\xc3\xab@example.com")};
	struct smtp_talk talk = {0};
	(void)state;
	smtp_talk_begin(&talk, &letter);
	assert_true(smtp_talk_lacks_utf8(&talk));
	smtp_talk_sent(&talk, STR("EHLO x\r\n"));
	smtp_talk_received(&talk, STR("250-x\r\n"));
	smtp_talk_received(&talk, STR("250 smtputf8\r\n"));
	assert_false(smtp_talk_lacks_utf8(&talk));
	smtp_talk_begin(&talk, &letter);
	assert_false(smtp_talk_lacks_utf8(&talk));
	smtp_talk_sent(&talk, STR("EHLO x\r\n"));
	assert_true(smtp_talk_lacks_utf8(&talk));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_said_decides),
		cmocka_unit_test(an_offer_holds_for_the_connection),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "mail/mime.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "mail/header.h"

#include <string.h>
#include <time.h>

enum { QP_LINE_MAX_BYTES = 76 }; /* RFC 2045 6.7 (5) */
static const char QUOTED_PRINTABLE[] = "quoted-printable";

/* RFC 5322 3.3. Written by hand: strftime's names follow the locale. */
void mime_add_date(struct buf *out, int64_t utc_ms)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(utc_ms / SECOND_MS);
	struct tm utc = {0};
	gmtime_r(&seconds, &utc);
	buf_addf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[utc.tm_wday], utc.tm_mday,
		 months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

static bool is_host(struct str host)
{
	if (host.len == 0 || host.len > 253)
		return false;
	for (size_t i = 0; i < host.len; i++) {
		char c = host.data[i];
		bool is_word = str_is_alnum(c) || c == '-';
		bool is_dot = c == '.' && i > 0 && i + 1 < host.len && host.data[i - 1] != '.';
		if (!is_word && !is_dot)
			return false;
	}
	return true;
}

/* What stands in lines that RFC 5322 2.1.1 allows, without control characters, may go as it is:
 * ASCII anywhere, other letters where they are carried. */
static const char *choose_encoding(struct str body, bool is_8bit_carried)
{
	struct str line;
	bool is_ascii = true;
	while (str_next(&body, '\n', &line)) {
		if (line.len > LIMIT_MAIL_LINE_BYTES || !utf8_is_line(line))
			return QUOTED_PRINTABLE;
		is_ascii &= utf8_is_ascii(line);
	}
	if (is_ascii)
		return "7bit";
	return is_8bit_carried ? "8bit" : QUOTED_PRINTABLE;
}

/* One line of quoted-printable, with soft breaks. A space at the end of a line would be lost, so it
 * is encoded. */
static void add_qp_line(struct buf *out, struct str line)
{
	size_t column = 0;
	for (size_t i = 0; i < line.len; i++) {
		char c = line.data[i];
		bool is_last = i + 1 == line.len;
		bool is_literal = c >= ' ' && c <= '~' && c != '=' && !(c == ' ' && is_last);
		size_t bytes = is_literal ? 1 : 3;
		if (column + bytes > QP_LINE_MAX_BYTES - (is_last ? 0 : 1)) {
			buf_add(out, STR("=\r\n"));
			column = 0;
		}
		if (is_literal)
			buf_add_char(out, c);
		else
			buf_addf(out, "=%02X", (unsigned char)c);
		column += bytes;
	}
}

static void add_body(struct buf *out, struct str body, bool is_plain)
{
	struct str line;
	if (str_ends_with(body, STR("\n")))
		body.len--;
	while (str_next(&body, '\n', &line)) {
		if (is_plain)
			buf_add(out, line);
		else
			add_qp_line(out, line);
		buf_add(out, STR("\r\n"));
	}
}

void mime_add_id(struct buf *out, const char *name, const struct id *id, struct str host)
{
	if (!is_host(host))
		host = STR("localhost");
	buf_addf(out, "%s: <%s@%.*s>\r\n", name, id->text, STR_ARGS(host));
}

void mime_add_text(struct buf *out, struct str text, bool is_8bit_carried)
{
	const char *encoding = choose_encoding(text, is_8bit_carried);
	buf_add(out, STR("MIME-Version: 1.0\r\n"
			 "Content-Type: text/plain; charset=utf-8\r\n"));
	buf_addf(out, "Content-Transfer-Encoding: %s\r\n\r\n", encoding);
	add_body(out, text, strcmp(encoding, QUOTED_PRINTABLE) != 0);
}

static enum err add_headers(struct buf *out, const struct mime_message *message)
{
	mime_add_date(out, message->date_ms);
	mime_add_id(out, "Message-ID", &message->id, message->host);
	TRY(header_add_address(out, "From", message->from_display, message->from_address));
	TRY(header_add_address(out, "To", message->to_display, message->to_address));
	header_add_text(out, "Subject", message->subject);
	/* No automatic answers, please (RFC 3834 5). */
	buf_add(out, STR("Auto-Submitted: auto-generated\r\n"));
	return out->err;
}

enum err mime_build(struct arena *arena, const struct mime_message *message, struct str *ret)
{
	struct buf out CLEANUP_BUF;
	buf_init(&out, LIMIT_MAIL_BYTES);
	TRY(add_headers(&out, message));
	mime_add_text(&out, message->body, message->is_8bit_carried);
	TRY(out.err);
	struct str copy = arena_copy(arena, buf_str(&out));
	if (arena->failed)
		return ERR_UNAVAILABLE;
	*ret = copy;
	return OK;
}

#include "http/raw.h"

#include "http/answer.h"

#include <sys/socket.h>
#include <time.h>

#include <gnutls/gnutls.h>

enum {
	HEAD_BYTES = 16 * 1024,
	SEND_BYTES = 256 * 1024, /* the kernel takes so much at once: nobody waits for the client */
};

/* RFC 9110 5.6.7. Written by hand: strftime's names follow the locale. */
static void add_date(struct buf *out)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t now = time(NULL);
	struct tm t;
	if (gmtime_r(&now, &t) == NULL)
		return;
	buf_addf(out, "Date: %s, %02d %s %d %02d:%02d:%02d GMT\r\n", days[t.tm_wday], t.tm_mday,
		 months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
}

static void add_head(struct buf *out, const struct response *res, size_t body_bytes)
{
	buf_addf(out, "HTTP/1.1 %d %s\r\n", res->status,
		 MHD_get_reason_phrase_for((unsigned)res->status));
	add_date(out);
	buf_add(out, STR("Connection: close\r\n"));
	for (size_t i = 0; i < res->header_count; i++)
		buf_addf(out, "%.*s: %.*s\r\n", STR_ARGS(res->headers[i].name),
			 STR_ARGS(res->headers[i].value));
	if (res->status != 204)
		buf_addf(out, "Content-Type: %.*s\r\nContent-Length: %zu\r\n",
			 STR_ARGS(res->content_type), body_bytes);
	buf_add(out, STR("\r\n"));
}

static bool send_tls(gnutls_session_t session, struct str bytes)
{
	while (bytes.len > 0) {
		ssize_t sent = gnutls_record_send(session, bytes.data, bytes.len);
		if (sent == GNUTLS_E_INTERRUPTED)
			continue;
		if (sent <= 0)
			return false;
		bytes = str_slice(bytes, (size_t)sent, bytes.len);
	}
	return gnutls_bye(session, GNUTLS_SHUT_WR) == GNUTLS_E_SUCCESS;
}

static bool send_all(struct MHD_Connection *mhd, struct str bytes)
{
	int room_bytes = SEND_BYTES;
	int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	const union MHD_ConnectionInfo *tls =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room_bytes, sizeof(room_bytes));
	if (tls)
		return send_tls(tls->tls_session, bytes);
	return send(fd, bytes.data, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)bytes.len;
}

bool raw_send(struct MHD_Connection *mhd, const struct request *req, const struct response *res)
{
	CLEANUP_BUF struct buf out;
	bool has_body = req->method != METHOD_HEAD && res->status != 204 && res->status != 304;
	struct str body = has_body ? answer_body(res) : STR_NONE;
	buf_init(&out, HEAD_BYTES + SEND_BYTES);
	add_head(&out, res, body.len);
	buf_add(&out, body);
	return out.err == OK && send_all(mhd, buf_str(&out));
}

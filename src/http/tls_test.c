/* TLS and the exchange of certificates, with certificates made by the openssl command. */
#include "http/test_server.h"
#include "http/test_sink.h"
#include "http/test_stream.h"

#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/http_tls_XXXXXX";
static char cert_path[64], key_path[64];

static void run(const char *const argv[])
{
	posix_spawn_file_actions_t quietly;
	pid_t pid;
	int status;
	posix_spawn_file_actions_init(&quietly);
	posix_spawn_file_actions_addopen(&quietly, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	assert_int_equal(posix_spawnp(&pid, argv[0], &quietly, NULL, (char *const *)(uintptr_t)argv,
				      environ),
			 0);
	posix_spawn_file_actions_destroy(&quietly);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void make_certificate(const char *name, const char *algorithm, const char *option)
{
	char subject[64], cert[96], key[96];
	snprintf(subject, sizeof(subject), "/CN=%s", name);
	snprintf(cert, sizeof(cert), "%s/%s.pem", folder, name);
	snprintf(key, sizeof(key), "%s/%s.key", folder, name);
	const char *const argv[] = {"openssl", "req",    "-x509", "-newkey", algorithm, "-pkeyopt",
				    option,    "-nodes", "-days", "2",       "-subj",   subject,
				    "-keyout", key,      "-out",  cert,      NULL};
	run(argv);
}

static void use_certificate(const char *cert, const char *key)
{
	char target[96];
	unlink(cert_path);
	unlink(key_path);
	snprintf(target, sizeof(target), "%s.pem", cert);
	assert_int_equal(symlink(target, cert_path), 0);
	snprintf(target, sizeof(target), "%s.key", key);
	assert_int_equal(symlink(target, key_path), 0);
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(cert_path, sizeof(cert_path), "%s/cert.pem", folder);
	snprintf(key_path, sizeof(key_path), "%s/key.pem", folder);
	make_certificate("first.example", "ec", "ec_paramgen_curve:P-256");
	make_certificate("second.example", "ec", "ec_paramgen_curve:P-256");
	make_certificate("rsa.example", "rsa", "rsa_keygen_bits:2048");
	use_certificate("first.example", "first.example");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	const char *const argv[] = {"rm", "-r", folder, NULL};
	run(argv);
	return 0;
}

struct client {
	int fd;
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t session;
};

/* Whom the server says it is goes to name; false when the handshake fails. */
static bool client_open(struct client *client, int port, const char *priorities, char name[64])
{
	size_t name_len = 64;
	unsigned count = 0;
	gnutls_x509_crt_t certificate;
	client->fd = test_connect(port);
	assert_int_equal(gnutls_certificate_allocate_credentials(&client->credentials), 0);
	assert_int_equal(gnutls_init(&client->session, GNUTLS_CLIENT), 0);
	assert_int_equal(gnutls_priority_set_direct(client->session, priorities, NULL), 0);
	gnutls_credentials_set(client->session, GNUTLS_CRD_CERTIFICATE, client->credentials);
	gnutls_transport_set_int(client->session, client->fd);
	int rc = GNUTLS_E_AGAIN;
	while (rc < 0 && !gnutls_error_is_fatal(rc))
		rc = gnutls_handshake(client->session);
	if (rc < 0)
		return false;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(client->session, &count);
	assert_true(count > 0);
	gnutls_x509_crt_init(&certificate);
	assert_int_equal(gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0,
						       0, name, &name_len),
			 0);
	gnutls_x509_crt_deinit(certificate);
	return true;
}

static void client_close(struct client *client)
{
	gnutls_deinit(client->session);
	gnutls_certificate_free_credentials(client->credentials);
	close(client->fd);
}

static void assert_who(int port, const char *expected)
{
	struct client client;
	char name[64] = "", text[4096] = "";
	size_t len = 0;
	assert_true(client_open(&client, port, "NORMAL", name));
	assert_string_equal(name, expected);
	struct str request = STR("GET /whoami HTTP/1.0\r\n\r\n");
	assert_int_equal(gnutls_record_send(client.session, request.data, request.len),
			 request.len);
	for (ssize_t got;
	     (got = gnutls_record_recv(client.session, text + len, sizeof(text) - 1 - len)) > 0;)
		len += (size_t)got;
	assert_non_null(strstr(text, "HTTP/1.1 200 OK"));
	assert_non_null(strstr(text, "\r\n\r\n127.0.0.1 https"));
	client_close(&client);
}

static void start(struct test_server *server)
{
	struct http_options options = {.tls_cert_path = str_of(cert_path),
				       .tls_key_path = str_of(key_path)};
	test_server_start(server, &options);
}

static void certificates_are_exchanged_while_serving(void **state)
{
	struct test_server server;
	(void)state;
	use_certificate("first.example", "first.example");
	start(&server);
	assert_who(server.port, "first.example");
	use_certificate("second.example", "second.example");
	assert_who(server.port, "first.example");
	assert_int_equal(http_server_reload_tls(server.http), OK);
	assert_who(server.port, "second.example");
	test_server_stop(&server);
}

static void unusable_certificates_change_nothing(void **state)
{
	struct test_server server;
	(void)state;
	use_certificate("first.example", "first.example");
	start(&server);
	use_certificate("second.example", "first.example");
	assert_int_equal(http_server_reload_tls(server.http), ERR_INVALID);
	unlink(cert_path);
	assert_int_equal(symlink("/dev/null", cert_path), 0);
	assert_int_equal(http_server_reload_tls(server.http), ERR_INVALID);
	unlink(cert_path);
	assert_int_equal(http_server_reload_tls(server.http), ERR_INVALID);
	assert_who(server.port, "first.example");
	test_server_stop(&server);
}

static void a_server_does_not_start_with_them(void **state)
{
	struct test_server server;
	struct http_server *other = NULL;
	struct http_options options = {.listen = STR("127.0.0.1:0")};
	(void)state;
	use_certificate("second.example", "first.example");
	struct http_options plain = {0};
	test_server_start(&server, &plain);
	options.tls_cert_path = str_of(cert_path);
	assert_int_equal(http_server_start(&server.site, &options, &other), ERR_INVALID);
	options.tls_key_path = str_of(key_path);
	assert_int_equal(http_server_start(&server.site, &options, &other), ERR_INVALID);
	options.tls_key_path = STR("/nonexistent");
	assert_int_equal(http_server_start(&server.site, &options, &other), ERR_INVALID);
	assert_int_equal(http_server_reload_tls(server.http), OK);
	test_server_stop(&server);
}

static void what_is_weak_is_not_spoken(void **state)
{
	static const struct {
		const char *what, *certificate, *priorities;
		bool is_spoken;
	} rows[] = {
		{"TLS 1.3", "first.example", "NORMAL:-VERS-ALL:+VERS-TLS1.3", true},
		{"TLS 1.2", "first.example", "NORMAL:-VERS-ALL:+VERS-TLS1.2", true},
		{"TLS 1.1", "first.example",
		 "NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0:+SHA1:%VERIFY_ALLOW_SIGN_WITH_SHA1",
		 false},
		{"ECDHE-RSA with AES-GCM", "rsa.example",
		 "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+AES-128-GCM", true},
		{"ECDHE-RSA with ChaCha20", "rsa.example",
		 "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:-CIPHER-ALL:+CHACHA20-POLY1305",
		 true},
		{"a key exchange without forward secrecy", "rsa.example",
		 "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA", false},
		{"finite-field Diffie-Hellman", "rsa.example",
		 "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA", false},
		{"CBC", "rsa.example",
		 "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC:+AES-256-CBC:+SHA1",
		 false},
		{"CCM", "first.example",
		 "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CCM:+AES-256-CCM", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct test_server server;
		struct client client;
		char name[64];
		use_certificate(rows[i].certificate, rows[i].certificate);
		start(&server);
		if (client_open(&client, server.port, rows[i].priorities, name) !=
		    rows[i].is_spoken)
			fail_msg("%s", rows[i].what);
		client_close(&client);
		test_server_stop(&server);
	}
}

/* Sends the body test_sink() wants, and reads until the server closes. */
static void upload(struct client *client, const char *words, size_t bytes, char *text, size_t room)
{
	static char body[64 * 1024];
	size_t len = 0;
	snprintf(text, room,
		 "POST /sink?%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
		 "Content-Length: %zu\r\n\r\n",
		 words, bytes);
	assert_int_equal(gnutls_record_send(client->session, text, strlen(text)), strlen(text));
	for (size_t at = 0; at < bytes; at += sizeof(body)) {
		size_t count = bytes - at < sizeof(body) ? bytes - at : sizeof(body);
		for (size_t i = 0; i < count; i++)
			body[i] = test_stream_byte(at + i);
		for (size_t sent = 0; sent < count;) {
			ssize_t more =
				gnutls_record_send(client->session, body + sent, count - sent);
			if (more < 0)
				break;
			sent += (size_t)more;
		}
	}
	for (ssize_t got; len < room - 1; len += (size_t)got) {
		got = gnutls_record_recv(client->session, text + len, room - 1 - len);
		if (got <= 0)
			break;
	}
	text[len] = '\0';
}

static void bodies_for_a_sink_come_over_tls(void **state)
{
	static const struct {
		const char *words;
		size_t bytes;
		const char *start, *end;
	} rows[] = {
		{"", 0, "HTTP/1.1 200 OK\r\n", "\r\n\r\nwhole 0"},
		{"", 10000, "HTTP/1.1 200 OK\r\n", "\r\n\r\nwhole 10000"},
		{"piece=100000", 9000000, "HTTP/1.1 200 OK\r\n", "\r\n\r\nwhole 9000000"},
		{"fail=1500", 5000000, "HTTP/1.1 413 Content Too Large\r\n", "\r\n\r\nfull 1000"},
		{"refuse", 100, "HTTP/1.1 409 Conflict\r\n", "refused: conflict"},
	};
	struct test_server server;
	(void)state;
	test_sink_reset();
	use_certificate("first.example", "first.example");
	start(&server);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		static char text[4096];
		char name[64];
		struct client client;
		assert_true(client_open(&client, server.port, "NORMAL", name));
		upload(&client, rows[i].words, rows[i].bytes, text, sizeof(text));
		size_t end = strlen(rows[i].end), len = strlen(text);
		if (!str_starts_with(str_of(text), str_of(rows[i].start)) || len < end ||
		    strcmp(text + len - end, rows[i].end) != 0)
			fail_msg("%s: %s", rows[i].words, text);
		client_close(&client);
	}
	test_server_stop(&server);
	assert_int_equal(test_sink_counts().open, 0);
	assert_false(test_sink_counts().is_wrong);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_are_exchanged_while_serving),
		cmocka_unit_test(unusable_certificates_change_nothing),
		cmocka_unit_test(a_server_does_not_start_with_them),
		cmocka_unit_test(what_is_weak_is_not_spoken),
		cmocka_unit_test(bodies_for_a_sink_come_over_tls),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

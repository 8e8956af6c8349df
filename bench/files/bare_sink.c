/* The least that taking an encrypted upload can cost: one thread that receives a request, encrypts
 * its body by AES-256-GCM in pieces of 1 MiB, writes them to a file and makes it durable. No HTTP
 * but the blank line, no rights, no database. bare_sink PORT FILE */
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE_BYTES = 1 << 20, TAG_BYTES = 16, HEADER_BYTES = 8192 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* The body's length; what came with the header goes to `rest`. */
static int64_t read_header(int fd, uint8_t *rest, size_t *ret_rest_len)
{
	static char header[HEADER_BYTES + 1];
	size_t len = 0;
	char *end = NULL;
	while (end == NULL && len < HEADER_BYTES) {
		ssize_t got = recv(fd, header + len, HEADER_BYTES - len, 0);
		if (got <= 0)
			return -1;
		len += (size_t)got;
		header[len] = '\0';
		end = strstr(header, "\r\n\r\n");
	}
	const char *length = end ? strcasestr(header, "Content-Length:") : NULL;
	if (length == NULL)
		return -1;
	end += 4;
	*ret_rest_len = len - (size_t)(end - header);
	memcpy(rest, end, *ret_rest_len);
	if (strcasestr(header, "100-continue"))
		if (send(fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, 0) != 25)
			return -1;
	return atoll(length + strlen("Content-Length:"));
}

static void write_all(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t done = write(fd, bytes, len);
		if (done < 0)
			die("write");
		bytes += done;
		len -= (size_t)done;
	}
}

static void encrypt(EVP_CIPHER_CTX *ctx, uint64_t number, const uint8_t *plain, size_t len,
		    uint8_t *out)
{
	uint8_t nonce[12] = {0};
	int done;
	memcpy(nonce, &number, sizeof(number));
	if (EVP_EncryptInit_ex(ctx, NULL, NULL, NULL, nonce) != 1 ||
	    EVP_EncryptUpdate(ctx, out, &done, plain, (int)len) != 1 ||
	    EVP_EncryptFinal_ex(ctx, out + len, &done) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, out + len) != 1)
		die("encrypt");
}

static void take(int fd, const char *path)
{
	static const uint8_t key[32];
	static uint8_t plain[PIECE_BYTES], cipher[PIECE_BYTES + TAG_BYTES];
	size_t len = 0;
	int64_t left = read_header(fd, plain, &len);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (ctx == NULL || out < 0 ||
	    EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, NULL) != 1)
		die("start");
	for (uint64_t number = 0; left > 0; number++) {
		size_t wanted = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
		while (len < wanted) {
			ssize_t got = recv(fd, plain + len, wanted - len, 0);
			if (got <= 0)
				die("recv");
			len += (size_t)got;
		}
		encrypt(ctx, number, plain, len, cipher);
		write_all(out, cipher, len + TAG_BYTES);
		left -= (int64_t)len;
		len = 0;
	}
	if (fsync(out) != 0)
		die("fsync");
	close(out);
	EVP_CIPHER_CTX_free(ctx);
	static const char answer[] =
		"HTTP/1.1 204 No Content\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
	if (send(fd, answer, strlen(answer), 0) < 0)
		perror("send");
}

int main(int count, char **arguments)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
	if (count != 3)
		return 2;
	address.sin_port = htons((uint16_t)atoi(arguments[1]));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(listener, 4) != 0)
		die("listen");
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			die("accept");
		take(fd, arguments[2]);
		close(fd);
	}
}

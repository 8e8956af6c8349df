#include "server/read_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static void close_file(int *file)
{
	if (*file >= 0)
		close(*file);
}

/* Up to max_bytes, or to the end of a line. One byte more than is allowed is asked for. */
static enum err read_all(struct arena *arena, int file, size_t max_bytes, bool is_line,
			 struct str *ret)
{
	char *bytes = arena_alloc(arena, max_bytes + 1);
	size_t len = 0;
	if (bytes == NULL)
		return ERR_UNAVAILABLE;
	for (;;) {
		ssize_t got = read(file, bytes + len, is_line ? 1 : max_bytes + 1 - len);
		if (got < 0)
			return ERR_UNAVAILABLE;
		len += (size_t)got;
		if (len > max_bytes)
			return ERR_TOO_LARGE;
		if (got == 0 || (is_line && bytes[len - 1] == '\n'))
			break;
	}
	*ret = str_bytes(bytes, len);
	return OK;
}

enum err read_file(struct arena *arena, struct str path, size_t max_bytes, struct str *ret)
{
	__attribute__((cleanup(close_file))) int file =
		open(arena_cstr(arena, path), O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return ERR_UNAVAILABLE;
	return read_all(arena, file, max_bytes, false, ret);
}

enum err read_password_line(struct arena *arena, struct str prompt, struct str *ret)
{
	struct termios shown, hidden;
	bool is_terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
	if (is_terminal) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		fprintf(stderr, "%.*s", STR_ARGS(prompt));
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	}
	enum err err = read_all(arena, STDIN_FILENO, READ_FILE_PASSWORD_MAX, true, ret);
	if (is_terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		fputc('\n', stderr);
	}
	return err;
}

struct str read_file_first_line(struct str text)
{
	struct str line = text;
	ptrdiff_t end = str_find_char(text, '\n');
	if (end >= 0)
		line = str_slice(text, 0, (size_t)end);
	return str_ends_with(line, STR("\r")) ? str_slice(line, 0, line.len - 1) : line;
}

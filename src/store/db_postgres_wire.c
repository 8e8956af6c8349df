#include "base/buf.h"
#include "store/db_postgres.h"

#include <endian.h>
#include <string.h>

/* pg_type.dat of PostgreSQL: these numbers never change. */
enum {
	TYPE_BOOL = 16,
	TYPE_BYTEA = 17,
	TYPE_NAME = 19,
	TYPE_INT8 = 20,
	TYPE_INT2 = 21,
	TYPE_INT4 = 23,
	TYPE_TEXT = 25,
	TYPE_BPCHAR = 1042,
	TYPE_VARCHAR = 1043,
	TYPE_NUMERIC = 1700,
	TYPE_VOID = 2278,
};

/* The end of a quoted part or comment that begins at s, or s. */
static const char *skip_quoted(const char *s)
{
	if (s[0] == '\'' || s[0] == '"') {
		const char *end = strchr(s + 1, s[0]);
		return end ? end + 1 : s + strlen(s);
	}
	if (s[0] == '-' && s[1] == '-')
		return s + strcspn(s, "\n");
	return s;
}

enum err db_postgres_wire_rewrite(const char *sql, struct buf *out)
{
	for (const char *s = sql; *s;) {
		const char *end = skip_quoted(s);
		if (end > s) {
			buf_add(out, str_bytes(s, (size_t)(end - s)));
			s = end;
			continue;
		}
		if (*s == '?' && !(s[1] >= '1' && s[1] <= '9'))
			return ERR_INVALID;
		buf_add_char(out, *s == '?' ? '$' : *s);
		s++;
	}
	buf_add_char(out, '\0');
	return out->err;
}

bool db_postgres_wire_knows(Oid type)
{
	switch (type) {
	case TYPE_BOOL:
	case TYPE_BYTEA:
	case TYPE_NAME:
	case TYPE_INT8:
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_TEXT:
	case TYPE_BPCHAR:
	case TYPE_VARCHAR:
	case TYPE_NUMERIC:
	case TYPE_VOID: return true;
	default: return false;
	}
}

static uint16_t read16(const char *data)
{
	uint16_t value;
	memcpy(&value, data, sizeof(value));
	return be16toh(value);
}

static int64_t read_int(const char *data, int len)
{
	uint32_t word;
	uint64_t value;
	switch (len) {
	case 1: return data[0] != 0;
	case 2: return (int16_t)read16(data);
	case 4: memcpy(&word, data, sizeof(word)); return (int32_t)be32toh(word);
	case 8: memcpy(&value, data, sizeof(value)); return (int64_t)be64toh(value);
	default: return 0;
	}
}

/* SUM of BIGINT is NUMERIC. The whole part, 0 when it is beyond 64 bits:
 *
 *     digits(2) weight(2) sign(2) scale(2) digit(2)...    digits to base 10000, the first one
 * counts 10000^weight */
static int64_t read_numeric(const char *data, int len)
{
	if (len < 8)
		return 0;
	int digits = read16(data);
	int weight = (int16_t)read16(data + 2);
	bool is_negative = read16(data + 4) == 0x4000;
	int64_t value = 0;
	for (int i = 0; i <= weight; i++) {
		int digit = i < digits && 8 + 2 * i + 2 <= len ? read16(data + 8 + 2 * i) : 0;
		if (__builtin_mul_overflow(value, 10000, &value) ||
		    __builtin_add_overflow(value, is_negative ? -digit : digit, &value))
			return 0;
	}
	return value;
}

struct param db_postgres_wire_value(const PGresult *result, int row, int column)
{
	if (column < 0 || column >= PQnfields(result) || PQgetisnull(result, row, column))
		return P_NULL;
	const char *data = PQgetvalue(result, row, column);
	int len = PQgetlength(result, row, column);
	switch (PQftype(result, column)) {
	case TYPE_BOOL:
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8: return P_INT(read_int(data, len));
	case TYPE_NUMERIC: return P_INT(read_numeric(data, len));
	case TYPE_BYTEA: return P_BLOB(str_bytes(data, (size_t)len));
	case TYPE_VOID: return P_NULL;
	default: return P_TEXT(str_bytes(data, (size_t)len));
	}
}

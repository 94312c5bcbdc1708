/* Reference: Epstein 2002, Model I, random sequential activation, looking with 16-byte vectors.

   Diamond of 112 cells in sight, torus, the jailed keep their cell, officers stay where they are: the variant of
   docs/speed.md. Each agent in a fresh random order moves to a random free cell in sight, then acts.
   Arguments: size steps seed warmup. Prints one JSON object: seconds of the timed steps, mean active, mean jailed.
   cc -O3 -march=native sequential.c -lm */
#include <emmintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { EMPTY, QUIET, ACTIVE, JAILED, POLICE };
#define V 7
#define PAD 16
static int size, wide;
static uint8_t *grid;
static unsigned mask[2 * V + 1];
static uint64_t s0, s1;

static inline uint64_t draw(void) { /* xorshift128+ */
    uint64_t a = s0, b = s1;
    s0 = b;
    a ^= a << 23;
    s1 = a ^ b ^ (a >> 17) ^ (b >> 26);
    return s1 + b;
}
static inline uint32_t below(uint32_t n) { return (uint32_t)(((draw() >> 32) * n) >> 32); }
static inline double even(void) { return (double)(draw() >> 11) * 0x1p-53; }

static void put(int cell, uint8_t state) { /* with its images in the margin */
    int y = cell / size, x = cell % size;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            int yy = y + dy * size + PAD, xx = x + dx * size + PAD;
            if (yy >= 0 && yy < size + 2 * PAD && xx >= 0 && xx < wide) grid[yy * wide + xx] = state;
        }
}
static inline void set(int cell, uint8_t state) {
    int y = cell / size, x = cell % size;
    if (y >= PAD && y < size - PAD && x >= PAD && x < size - PAD)
        grid[(y + PAD) * wide + x + PAD] = state;
    else
        put(cell, state);
}
static inline int look(int cell, uint8_t state, unsigned *bits) {
    int y = cell / size, x = cell % size, n = 0;
    const uint8_t *at = grid + (y + PAD - V) * wide + x + PAD - V;
    __m128i wanted = _mm_set1_epi8((char)state);
    for (int r = 0; r < 2 * V + 1; r++, at += wide) {
        bits[r] = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)at), wanted)) & mask[r];
        n += __builtin_popcount(bits[r]);
    }
    return n;
}
static inline int nth(int cell, const unsigned *bits, int n) { /* the n-th of the cells that look() found */
    int y = cell / size, x = cell % size, r = 0, c;
    while (n >= (c = __builtin_popcount(bits[r]))) n -= c, r++;
    unsigned b = bits[r];
    while (n--) b &= b - 1;
    y = (y + r - V + size) % size;
    x = (x + __builtin_ctz(b) - V + size) % size;
    return y * size + x;
}

int main(int count, char **word) {
    size = count > 1 ? atoi(word[1]) : 40;
    int steps = count > 2 ? atoi(word[2]) : 100, warm = count > 4 ? atoi(word[4]) : 0;
    s0 = 0x9E3779B97F4A7C15u * (count > 3 ? strtoull(word[3], 0, 10) + 1 : 1), s1 = s0 ^ 0xD1B54A32D192ED03u;
    struct timespec a, b;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    int cells = size * size, people = (int)lround(0.7 * cells), police = (int)lround(0.04 * cells), all = people + police;
    wide = size + 2 * PAD;
    grid = calloc((size_t)wide * wide + 64, 1);
    int32_t *cell = malloc(sizeof *cell * cells), *order = malloc(sizeof *order * all), *who = malloc(sizeof *who * cells);
    int32_t *term = calloc(all, sizeof *term);
    double(*trait)[2] = malloc(sizeof *trait * all);
    for (int r = 0; r <= 2 * V; r++) {
        int half = V - abs(r - V);
        for (int x = -half; x <= half; x++)
            if (r != V || x) mask[r] |= 1u << (x + V);
    }
    for (int i = 0; i < cells; i++) cell[i] = i;
    for (int i = 0; i < all; i++) {
        int j = i + (int)below(cells - i), c = cell[j];
        cell[j] = cell[i], cell[i] = c;
        order[i] = i, trait[i][0] = even(), trait[i][1] = even(), who[c] = i;
        put(c, i < people ? QUIET : POLICE);
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    double setup = (b.tv_sec - a.tv_sec) + 1e-9 * (b.tv_nsec - a.tv_nsec), actives = 0, held = 0;
    for (int t = 0; t < warm + steps; t++) {
        if (t == warm) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
        for (int k = all - 1; k > 0; k--) {
            int j = (int)below(k + 1), o = order[k];
            order[k] = order[j], order[j] = o;
        }
        for (int k = 0; k < all; k++) {
            int i = order[k], c = cell[i];
            unsigned bits[2 * V + 1];
            if (term[i] > 0) continue;
            uint8_t state = i < people ? grid[(c / size + PAD) * wide + c % size + PAD] : POLICE;
            int n = look(c, EMPTY, bits);
            if (n) {
                int to = nth(c, bits, (int)below(n));
                set(c, EMPTY);
                set(to, state);
                cell[i] = c = to;
                who[to] = i;
            }
            if (i >= people) {
                if ((n = look(c, ACTIVE, bits))) {
                    int there = nth(c, bits, (int)below(n)), one = who[there];
                    term[one] = (int)below(31);
                    set(there, term[one] ? JAILED : QUIET);
                }
                continue;
            }
            double grievance = trait[i][0] * (1 - 0.82);
            int now = 0;
            if (grievance > 0.1) {
                int C = look(c, POLICE, bits), A = 1 + look(c, ACTIVE, bits);
                now = grievance - trait[i][1] * (1 - exp(-2.3 * (C / A))) > 0.1;
            }
            if (now != (state == ACTIVE)) set(c, now ? ACTIVE : QUIET);
        }
        long on = 0, in = 0;
        for (int i = 0; i < people; i++) {
            if (term[i] > 0) {
                if (--term[i] == 0) set(cell[i], QUIET);
                in += term[i] > 0;
            } else
                on += grid[(cell[i] / size + PAD) * wide + cell[i] % size + PAD] == ACTIVE;
        }
        if (t >= warm) actives += on, held += in;
    }
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("{\"seconds\": %.6f, \"setup\": %.6f, \"steps\": %d, \"agents\": %d, \"active\": %.8f, \"jailed\": %.8f, "
           "\"peak_mb\": %.1f}\n",
           (b.tv_sec - a.tv_sec) + 1e-9 * (b.tv_nsec - a.tv_nsec), setup, steps, all, actives / steps / people,
           held / steps / people, used.ru_maxrss / 1024.0);
    return 0;
}

/* Reference: Epstein 2002, Model I, everyone at once, people kept in the order of their cells, on one thread or more.

   The same variant as sequential.c: all decide on the state at the start of the step, then officers arrest, then all
   want a random free cell in sight and one of those who want the same cell, at random, gets it. Who is in sight is
   counted as a dense stencil by running sums along rows; the free cells in sight are found with 16-byte vectors.
   Random numbers are hashes of (seed, step, cell), so the result is the same for any number of threads.
   Arguments: size steps seed warmup threads. Prints one JSON object.
   cc -O3 -march=native -pthread synchronous.c -lm */
#include <emmintrin.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { EMPTY, QUIET, ACTIVE, JAILED, POLICE };
#define V 7
#define PAD 16
static int size, wide, threads, steps, warm;
static uint64_t seed;
static uint8_t *grid, *next, *taken, *gone;
static int16_t *near[2];
static float (*trait)[2], (*next_trait)[2];
static int32_t *term, *next_term, *wanted, *winner;
static uint32_t *weight;
static unsigned mask[2 * V + 1];
static long on[64][8], in[64][8];
static double actives, held, began, spent[2];
static pthread_barrier_t gate;

static inline uint64_t hash(uint64_t step, uint64_t cell, uint64_t slot) { /* splitmix64 of the address */
    uint64_t z = seed + step * 0x9E3779B97F4A7C15u + cell * 0xD1B54A32D192ED03u + slot * 0xA0761D6478BD642Fu;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}
static inline uint32_t below(uint64_t h, uint32_t n) { return (uint32_t)(((h >> 32) * n) >> 32); }
static inline uint8_t *at(uint8_t *g, int y, int x) { return g + (y + PAD) * wide + x + PAD; }

static void wrap(void) {
    for (int y = 0; y < size; y++) {
        uint8_t *row = at(grid, y, 0);
        memcpy(row - PAD, row + size - PAD, PAD);
        memcpy(row + size, row, PAD);
    }
    for (int y = 0; y < PAD; y++) {
        memcpy(grid + y * wide, grid + (y + size) * wide, wide);
        memcpy(grid + (y + size + PAD) * wide, grid + (y + PAD) * wide, wide);
    }
}
static inline int look(int y, int x, uint8_t state, unsigned *bits) {
    const uint8_t *p = at(grid, y - V, x - V);
    __m128i like = _mm_set1_epi8((char)state);
    int n = 0;
    for (int r = 0; r < 2 * V + 1; r++, p += wide) {
        bits[r] = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)p), like)) & mask[r];
        n += __builtin_popcount(bits[r]);
    }
    return n;
}
static inline int nth(int y, int x, const unsigned *bits, int n) {
    int r = 0, c;
    while (n >= (c = __builtin_popcount(bits[r]))) n -= c, r++;
    unsigned b = bits[r];
    while (n--) b &= b - 1;
    return (y + r - V + size) % size * size + (x + __builtin_ctz(b) - V + size) % size;
}
static void count(int low, int high, uint8_t state, int16_t *out, int16_t *sums) {
    for (int y = low - V; y < high + V; y++) {
        int16_t *line = sums + (size_t)((y + 2 * V + 1) % (2 * V + 1)) * (wide + 1), total = 0;
        const uint8_t *row = grid + (y + PAD) * wide;
        for (int x = 0; x < wide; x++) line[x] = total, total += row[x] == state;
        line[wide] = total;
        int m = y - V;
        if (m < low) continue;
        int16_t *o = out + (size_t)m * size;
        const uint8_t *own = at(grid, m, 0);
        for (int x = 0; x < size; x++) o[x] = -(own[x] == state);
        for (int d = -V; d <= V; d++) {
            int h = V - abs(d);
            const int16_t *l = sums + (size_t)((m + d + 2 * V + 1) % (2 * V + 1)) * (wide + 1) + PAD;
            for (int x = 0; x < size; x++) o[x] += l[x + h + 1] - l[x - h];
        }
    }
}
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}
static double processor(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}
static void *work(void *which) {
    int b = (int)(intptr_t)which, low = (int)((long)size * b / threads), high = (int)((long)size * (b + 1) / threads);
    int16_t *sums = malloc(sizeof *sums * (2 * V + 1) * (wide + 1));
    unsigned bits[2 * V + 1];
    for (int t = 1; t <= warm + steps; t++) {
        if (b == 0) {
            if (t == warm + 1) began = now(), spent[0] = processor();
            wrap();
        }
        pthread_barrier_wait(&gate);
        count(low, high, POLICE, near[0], sums);
        count(low, high, ACTIVE, near[1], sums);
        pthread_barrier_wait(&gate);
        for (int y = low; y < high; y++)
            for (int x = 0; x < size; x++) {
                uint8_t *s = at(grid, y, x);
                if (*s != QUIET && *s != ACTIVE) continue;
                size_t c = (size_t)y * size + x;
                double grievance = trait[c][0] * (1 - 0.82);
                *s = grievance > 0.1 && grievance - trait[c][1] * (1 - exp(-2.3 * (near[0][c] / (1 + near[1][c])))) > 0.1
                         ? ACTIVE : QUIET;
            }
        pthread_barrier_wait(&gate);
        if (b == 0) wrap();
        pthread_barrier_wait(&gate);
        for (int y = low; y < high; y++)
            for (int x = 0; x < size; x++) {
                int n;
                if (*at(grid, y, x) == POLICE && (n = look(y, x, ACTIVE, bits)))
                    taken[nth(y, x, bits, (int)below(hash(t, (size_t)y * size + x, 2), n))] = 1;
            }
        pthread_barrier_wait(&gate);
        for (size_t c = (size_t)low * size; c < (size_t)high * size; c++)
            if (taken[c]) {
                taken[c] = 0, term[c] = (int)below(hash(t, c, 3), 31);
                *at(grid, (int)(c / size), (int)(c % size)) = term[c] ? JAILED : QUIET;
            }
        pthread_barrier_wait(&gate);
        if (b == 0) wrap();
        pthread_barrier_wait(&gate);
        memset(gone + (size_t)low * size, 0, (size_t)(high - low) * size);
        for (int y = low; y < high; y++)
            for (int x = 0; x < size; x++) {
                size_t c = (size_t)y * size + x;
                uint8_t s = *at(grid, y, x);
                int n;
                wanted[c] = -1;
                if (s == EMPTY || s == JAILED || !(n = look(y, x, EMPTY, bits))) continue;
                uint64_t h = hash(t, c, 1);
                wanted[c] = nth(y, x, bits, (int)below(h, n)), weight[c] = (uint32_t)h;
            }
        pthread_barrier_wait(&gate);
        int first = low * size, last = high * size;
        memset(winner + first, 255, sizeof *winner * (last - first));
        for (int row = low - V, left = high - low + 2 * V < size ? high - low + 2 * V : size; left--; row++) {
            int y = (row + size) % size;
            for (int c = y * size; c < (y + 1) * size; c++) {
                int to = wanted[c];
                if (to < first || to >= last) continue;
                int w = winner[to];
                if (w < 0 || weight[c] > weight[w] || (weight[c] == weight[w] && c < w)) winner[to] = c;
            }
        }
        for (int c = first; c < last; c++)
            if (winner[c] >= 0) gone[winner[c]] = 1;
        pthread_barrier_wait(&gate);
        on[b][0] = in[b][0] = 0;
        for (int y = low; y < high; y++)
            for (int x = 0; x < size; x++) {
                int c = y * size + x, from = c;
                uint8_t s = gone[c] ? EMPTY : *at(grid, y, x);
                if (winner[c] >= 0) from = winner[c], s = *at(grid, from / size, from % size);
                int l = term[from];
                if (s == JAILED && --l == 0) s = QUIET;
                *at(next, y, x) = s, next_term[c] = l;
                next_trait[c][0] = trait[from][0], next_trait[c][1] = trait[from][1];
                on[b][0] += s == ACTIVE, in[b][0] += s == JAILED;
            }
        pthread_barrier_wait(&gate);
        if (b == 0) {
            uint8_t *g = grid;
            grid = next, next = g;
            float(*f)[2] = trait;
            trait = next_trait, next_trait = f;
            int32_t *i = term;
            term = next_term, next_term = i;
            for (int k = 0; k < threads && t > warm; k++) actives += on[k][0], held += in[k][0];
        }
    }
    free(sums);
    return 0;
}

int main(int argc, char **word) {
    size = argc > 1 ? atoi(word[1]) : 40, steps = argc > 2 ? atoi(word[2]) : 100, warm = argc > 4 ? atoi(word[4]) : 0;
    seed = argc > 3 ? strtoull(word[3], 0, 10) * 0x9E3779B97F4A7C15u : 1, threads = argc > 5 ? atoi(word[5]) : 1;
    double start = processor();
    size_t cells = (size_t)size * size, people = (size_t)lround(0.7 * cells), police = (size_t)lround(0.04 * cells);
    wide = size + 2 * PAD;
    grid = calloc((size_t)wide * wide + 64, 1), next = calloc((size_t)wide * wide + 64, 1);
    taken = calloc(cells, 1), gone = calloc(cells, 1);
    for (int k = 0; k < 2; k++) near[k] = malloc(sizeof **near * cells);
    trait = malloc(sizeof *trait * cells), next_trait = malloc(sizeof *trait * cells);
    term = calloc(cells, sizeof *term), next_term = calloc(cells, sizeof *term);
    wanted = malloc(sizeof *wanted * cells), winner = malloc(sizeof *winner * cells), weight = malloc(4 * cells);
    for (int r = 0; r <= 2 * V; r++)
        for (int x = -(V - abs(r - V)); x <= V - abs(r - V); x++)
            if (r != V || x) mask[r] |= 1u << (x + V);
    int32_t *order = malloc(4 * cells);
    for (size_t i = 0; i < cells; i++) order[i] = (int32_t)i;
    for (size_t i = 0; i < cells; i++) {
        if (i < people + police) {
            size_t j = i + below(hash(0, i, 1), (uint32_t)(cells - i)), c = order[j];
            order[j] = order[i], order[i] = (int32_t)c;
            *at(grid, (int)(c / size), (int)(c % size)) = i < police ? POLICE : QUIET;
        }
        trait[i][0] = (float)((hash(0, i, 5) >> 40) * 0x1p-24), trait[i][1] = (float)((hash(0, i, 6) >> 40) * 0x1p-24);
    }
    free(order);
    double setup = processor() - start;
    pthread_barrier_init(&gate, 0, (unsigned)threads);
    pthread_t *crew = malloc(sizeof *crew * threads);
    for (intptr_t k = 1; k < threads; k++) pthread_create(&crew[k], 0, work, (void *)k);
    work(0);
    double wall = now() - began, used = processor() - spent[0];
    for (int k = 1; k < threads; k++) pthread_join(crew[k], 0);
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    printf("{\"seconds\": %.6f, \"wall\": %.6f, \"setup\": %.6f, \"steps\": %d, \"agents\": %zu, \"active\": %.8f, "
           "\"jailed\": %.8f, \"peak_mb\": %.1f}\n", used, wall, setup, steps, people + police,
           actives / steps / people, held / steps / people, r.ru_maxrss / 1024.0);
    return 0;
}

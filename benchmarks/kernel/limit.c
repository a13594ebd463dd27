/* The kernel as a plain loop over persons, with the state of one in registers: the limit. Random
   numbers are Philox4x64-10 (Salmon et al. 2011), keyed by person and period of four years. */
#include <stdint.h>

typedef struct {
  int32_t age, sex, status, rank;
} Person;

static void philox(uint64_t person, uint64_t period, uint64_t seed, uint64_t out[4]) {
  uint64_t a = person, b = period, c = 0, d = 0, key = seed, other = 0;
  for (int turn = 0; turn < 10; turn++) {
    unsigned __int128 first = (unsigned __int128)0xD2E7470EE14C6C93ULL * a;
    unsigned __int128 second = (unsigned __int128)0xCA5A826395121157ULL * c;
    a = (uint64_t)(second >> 64) ^ b ^ key;
    c = (uint64_t)(first >> 64) ^ d ^ other;
    b = (uint64_t)second;
    d = (uint64_t)first;
    key += 0x9E3779B97F4A7C15ULL;
    other += 0xBB67AE8584CAA73BULL;
  }
  out[0] = a, out[1] = b, out[2] = c, out[3] = d;
}

/* ladder [sex][age][status][4]: chance of death, then of the first three statuses, cumulated.
   credit [year][status][rank], relative [rank], counts [year][alive, dead, 4 statuses, ages],
   money [year][relative wages, paid, accounts]. */
void lives(long count, int years, int ages, int ranks, uint64_t seed, const Person *people,
           const double *ladder, const double *relative, const double *credit, int64_t *counts,
           double *money) {
  for (long who = 0; who < count; who++) {
    Person one = people[who];
    uint64_t bits[4];
    double account = 0.0;
    for (int year = 0; year < years; year++) {
      if ((year & 3) == 0) philox((uint64_t)who, (uint64_t)year >> 2, seed, bits);
      double draw = (double)(bits[year & 3] >> 11) * 0x1p-53;
      const double *step = ladder + (((long)one.sex * ages + one.age) * 4 + one.status) * 4;
      int64_t *heads = counts + year * 7;
      double *sums = money + year * 3;
      if (draw < step[0]) {
        heads[1]++;
        break;
      }
      one.status = (draw >= step[1]) + (draw >= step[2]) + (draw >= step[3]);
      one.age += one.age + 1 < ages;
      double paid = credit[((long)year * 4 + one.status) * ranks + one.rank];
      account += paid;
      heads[0]++, heads[2 + one.status]++, heads[6] += one.age;
      sums[0] += one.status ? 0.0 : relative[one.rank];
      sums[1] += paid, sums[2] += account;
    }
  }
}

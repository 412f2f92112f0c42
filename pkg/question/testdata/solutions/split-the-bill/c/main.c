#include <stdio.h>
#include <stdlib.h>

// Splits a bill of some cents among people. Gives how many shares there are.
static int split(int bill, int people, int *shares) {
  for (int i = 0; i < people; i++) shares[i] = bill / people + (i < bill % people ? 1 : 0);
  return people;
}

// Each line of input is one case. Press Run and type one, or run the tests.
int main(void) {
  int bill, people;
  while (scanf("%d %d", &bill, &people) == 2) {
    int *shares = calloc(people + 1, sizeof *shares);
    int count = split(bill, people, shares);
    for (int i = 0; i < count; i++) printf("%s%d", i > 0 ? " " : "", shares[i]);
    puts(count > 0 ? "" : "-");
    free(shares);
  }
}

# Splits a bill of some cents among people.
def split(bill, people):
    share = round(bill / max(people, 1))
    shares, left = [share], bill - share
    while len(shares) < people:
        shares.append(share)
        left -= share
    i = 0
    while left > 0:
        shares[i] += 1
        left -= 1
        i += 1
    return shares


def answer(line):
    bill, people = map(int, line.split())
    return " ".join(map(str, split(bill, people))) or "-"


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break

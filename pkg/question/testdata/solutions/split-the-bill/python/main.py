# Splits a bill of some cents among people.
def split(bill, people):
    if people == 0:
        return []
    share, left = divmod(bill, people)
    return [share + (1 if i < left else 0) for i in range(people)]


def answer(line):
    bill, people = map(int, line.split())
    return " ".join(map(str, split(bill, people))) or "-"


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break

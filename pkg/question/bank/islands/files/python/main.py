def islands(rows):
    # Your code here: (count, largest)
    return 0, 0


def answer(line):
    return " ".join(map(str, islands(line.split("/"))))


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break

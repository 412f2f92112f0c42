def rooms_needed(meetings):
    # Your code here. A meeting is (start, end).
    return 0


def answer(line):
    return rooms_needed([tuple(map(float, meeting.split("-"))) for meeting in line.split()])


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break

def answer(line):
    # Your code here
    return 0


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break

def answer(log):
    # Your code here: "/home 2, /pricing 1"
    return "-"


# Each line of input is one case. Press Run and type one, or run the tests.
while True:
    try:
        print(answer(input()))
    except EOFError:
        break

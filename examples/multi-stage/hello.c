#include <stdio.h>

int main(int argc, char **argv)
{
    printf("Hello, %s, from an image without a shell.\n", argc > 1 ? argv[1] : "world");
    return 0;
}

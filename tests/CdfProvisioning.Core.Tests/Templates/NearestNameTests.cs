using CdfProvisioning.Templates;
using Xunit;

namespace CdfProvisioning.Tests.Templates;

/// <summary>Which name is meant by one that there is not. What is seen of it in lists is among their tests.</summary>
public sealed class NearestNameTests
{
    [Theory]
    [InlineData("Sie", "Site")]
    [InlineData("Sitee", "Site")]
    [InlineData("Side", "Site")]
    [InlineData("Stie", "Site")]
    [InlineData("iste", "Site")]
    [InlineData("s_i-t.e", "Site")]
    [InlineData("Site 2", "Site")]
    [InlineData("xite", "Site")]
    [InlineData("ba", "ab")]
    [InlineData("ac", "ab")]
    [InlineData("xb", "ab")]
    [InlineData("xy", null)]
    [InlineData("a", null)]
    [InlineData("--", null)]
    public void Letters_may_be_left_out_added_changed_or_swapped(string name, string? meant) => Assert.Equal(meant, NearestName.Of(name, ["Site", "ab"]));

    [Fact]
    public void Without_names_none_is_meant() => Assert.Null(NearestName.Of("Site", []));

    [Fact]
    public void The_name_with_fewer_mistakes_is_meant()
    {
        Assert.Equal("Serial", NearestName.Of("Serail", ["Server", "Aerial", "Serial"]));
        Assert.Equal("abcx", NearestName.Of("abcd", ["abxy", "abcx"]));
    }

    [Fact]
    public void A_swap_is_one_mistake_and_of_several_names_with_as_many_the_first_in_the_alphabet_is_meant()
    {
        Assert.Equal("abce", NearestName.Of("abcd", ["abdc", "abce"]));
        Assert.Equal("abdc", NearestName.Of("abcd", ["abez", "abdc"]));
        Assert.Equal("bacdx", NearestName.Of("abcde", ["xycde", "bacdx"]));
    }

    [Theory]
    [InlineData("abcdefgh", "abcvwxyz", true)]
    [InlineData("abcdefgh", "abuvwxyz", false)]
    [InlineData("abcdefgh", "zyxdefgh", true)]
    [InlineData("abcdefgh", "zyxwefgh", false)]
    [InlineData("abcdefghi", "zyxwefghi", true)]
    [InlineData("abcdefghi", "zyxwvfghi", false)]
    [InlineData("abcdx", "abcdyzuw", true)]
    public void A_name_that_begins_alike_may_have_more_mistakes(string name, string other, bool isMeant) => Assert.Equal(isMeant ? other : null, NearestName.Of(name, [other]));

    [Theory]
    [InlineData("seri", "SerialNumberOfTheDevice")]
    [InlineData("SerialNumberOfTheDevice", "seri")]
    public void Four_letters_of_a_beginning_are_enough(string name, string other) => Assert.Equal(other, NearestName.Of(name, [other]));

    [Fact]
    public void Three_letters_of_a_beginning_are_not() => Assert.Null(NearestName.Of("ser", ["SerialNumberOfTheDevice"]));

    [Fact]
    public void A_beginning_is_as_good_as_one_mistake() => Assert.Equal("Serializer", NearestName.Of("serial", ["Serxyl", "Serializer"]));

    [Theory]
    [InlineData(8, true)]
    [InlineData(9, false)]
    public void Of_a_long_name_eight_letters_may_be_missing_in_the_middle(int missing, bool isMeant)
    {
        var other = "abcdefghij" + new string('x', missing) + "klmnopqrst";
        Assert.Equal(isMeant ? other : null, NearestName.Of("abcdefghijklmnopqrst", [other]));
        Assert.Equal(isMeant ? "abcdefghijklmnopqrst" : null, NearestName.Of(other, ["abcdefghijklmnopqrst"]));
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Names_that_nobody_types_are_not_compared(int length, bool isMeant)
    {
        var (name, other) = (new string('a', length - 1) + 'b', new string('a', length - 1) + 'c');
        Assert.Equal(isMeant ? other : null, NearestName.Of(name, [other]));
    }

    [Fact]
    public void Nor_is_one_that_somebody_types_with_such_a_name() => Assert.Null(NearestName.Of(new string('a', 63) + 'b', [new string('a', 63) + "cb"]));
}

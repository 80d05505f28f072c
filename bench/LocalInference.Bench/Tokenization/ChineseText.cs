using System.Text;

namespace LocalInference.Bench.Tokenization;

/// <summary>Makes Chinese text: everyday words, common ones far more often than others, in clauses of the usual length.</summary>
internal static class ChineseText
{
    private static readonly string[] Words =
        ("的 一 是 在 不 了 有 和 人 这 中 大 为 上 个 国 我 以 要 他 时 来 用 们 生 到 作 地 于 出 就 分 对 成 会 可 主 发 年 动 同 工 也 能 下 过 子 说 产 种 面 而 方 后 多 "
        + "定 行 学 法 所 民 得 经 我们 他们 自己 没有 问题 这个 中国 可以 什么 知道 时候 工作 因为 如果 但是 所以 现在 生活 已经 还是 开始 社会 一个 这样 发展 经济 政府 公司 "
        + "技术 信息 系统 数据 模型 语言 计算 机器 学习 人工智能 网络 研究 方法 结果 实验 分析 理论 应用 软件 程序 代码 用户 服务 市场 企业 管理 教育 文化 历史 科学 世界 国家 城市 "
        + "北京 上海 学生 老师 朋友 孩子 父母 家庭 医院 医生 健康 环境 能源 交通 汽车 飞机 火车 地铁 天气 春天 夏天 秋天 冬天 早上 晚上 今天 明天 昨天 星期 小时 分钟 东西 地方 "
        + "事情 办法 关系 情况 条件 原因 过程 方面 水平 质量 能力 经验 知识 思想 精神 力量 作用 影响 变化 提高 增加 减少 建立 完成 实现 解决 处理 进行 通过 根据 关于 对于 由于 虽然 "
        + "然而 而且 或者 以及 只要 只有 无论 不仅 非常 十分 特别 比较 更加 最后 首先 其次 同时 另外 例如 包括 需要 应该 必须 可能 希望 认为 觉得 喜欢 表示 指出 发现 提出 介绍 说明 "
        + "证明 选择 决定 准备 参加 举行 组织 领导 代表 会议 计划 项目 目标 任务 活动 比赛 音乐 电影 小说 诗歌 艺术 文学 故事 新闻 报纸 杂志 电视 手机 电脑 屏幕 键盘 输入 输出 文件 "
        + "存储 速度 性能 优化 测试 版本 平台 接口 函数 变量 参数 字符 编码 解码 词表 训练 推理 部署 缓存 内存 线程 并行 量子 物理 化学 生物 数学 几何 概率 统计 龙 凤 麒麟 葡萄 蝴蝶 "
        + "徘徊 踌躇 慷慨 憧憬 邂逅 旖旎 氤氲 缱绻").Split(' ');

    private const string Stops = "，，，，，。。。、、；：？！";

    /// <summary>A text of at least so many bytes of UTF-8.</summary>
    public static string Make(int bytes, Random chance)
    {
        StringBuilder text = new();
        // Three bytes a character, but for a number or a line break here and there.
        while (text.Length * 3 < bytes)
        {
            for (int words = chance.Next(2, 10); words > 0; words--) text.Append(NextWord(chance));
            if (chance.Next(20) == 0) text.Append(chance.Next(1900, 2100)).Append('年');
            text.Append(Stops[chance.Next(Stops.Length)]);
            if (chance.Next(30) == 0) text.Append("\n\n");
        }

        return text.ToString();
    }

    // About as Zipf has it: the n-th word n times as rarely as the first.
    private static string NextWord(Random chance) => Words[(int)Math.Pow(Words.Length, chance.NextDouble()) - 1];
}
